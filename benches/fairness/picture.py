"""Draws who was given the slots over time, in the queue and in a plain line, as SVG.

picture.py SERIES.json >picture.svg, where the series are those of `esteira-benches fairness --series`.
Every band is one tenant; bands of one colour are of one weight.
"""

import json
import sys

PANEL = (420, 260)  # width and height of a panel
MARGIN = (56, 64)  # left of and above it
GAP = 36
LEGEND = 96

# Colours that differ in lightness too, for print and for those who see no difference of red and green.
GROUPS = [
    ("flood", "100,000 jobs queued at once (weight 1)", "#b3261e"),
    (1, "weight 1", "#9ecae1"),
    (2, "weight 2", "#4292c6"),
    (5, "weight 5", "#08519c"),
    ("capped", "may run one job at a time", "#e0a030"),
    ("visitor", "single jobs now and then", "#555555"),
]


def group(tenant):
    """The group of a tenant: its weight, or what it is there for."""
    return tenant["weight"] if tenant["part"] == "backlogged" else tenant["part"]


def bands(series):
    """For each tenant, in the order of the groups: its colour, and its lower and upper edge in each bucket."""
    order = {name: place for place, (name, _, _) in enumerate(GROUPS)}
    tenants = sorted(range(len(series["tenants"])), key=lambda t: (order[group(series["tenants"][t])], t))
    totals = [sum(bucket) or 1 for bucket in series["buckets"]]
    lower = [0.0] * len(totals)
    for tenant in tenants:
        upper = [low + bucket[tenant] / total for low, bucket, total in zip(lower, series["buckets"], totals)]
        yield GROUPS[order[group(series["tenants"][tenant])]][2], lower, upper
        lower = upper


def panel(series, left, title):
    """One panel: bands, axes, title."""
    width, height = PANEL
    top = MARGIN[1]
    count = len(series["buckets"])
    x = lambda bucket: left + width * (bucket + 0.5) / count
    y = lambda share: top + height * (1 - share)
    yield f'<text x="{left}" y="{top - 12}" font-size="15" font-weight="bold">{title}</text>'
    for colour, lower, upper in bands(series):
        edge = [f"{x(b):.1f},{y(s):.1f}" for b, s in enumerate(upper)]
        edge += [f"{x(b):.1f},{y(s):.1f}" for b, s in reversed(list(enumerate(lower)))]
        yield f'<polygon points="{" ".join(edge)}" fill="{colour}" stroke="#fff" stroke-width="0.4"/>'
    yield f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#333"/>'
    minutes = series["step_seconds"] * count / 60
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if minutes / step <= 7)
    for minute in range(0, int(minutes) + 1, every):
        at = left + width * minute / minutes
        yield f'<path d="M{at:.1f} {top + height}v5" stroke="#333"/>'
        yield f'<text x="{at:.1f}" y="{top + height + 18}" text-anchor="middle">{minute}</text>'
    yield f'<text x="{left + width / 2}" y="{top + height + 36}" text-anchor="middle">minutes</text>'


def legend(top):
    """What the colours mean, in two rows of three."""
    for place, (_, words, colour) in enumerate(GROUPS):
        left, down = MARGIN[0] + (place % 3) * 292, top + (place // 3) * 24
        yield f'<rect x="{left}" y="{down - 11}" width="13" height="13" fill="{colour}"/>'
        yield f'<text x="{left + 20}" y="{down}">{words}</text>'


def main(path):
    with open(path, encoding="utf-8") as file:
        series = json.load(file)
    width = MARGIN[0] + 2 * PANEL[0] + GAP + 24
    height = MARGIN[1] + PANEL[1] + LEGEND
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{MARGIN[0]}" y="24" font-size="16">Whose jobs used the slots: shares of processing seconds</text>',
    ]
    for share in (0, 25, 50, 75, 100):
        at = MARGIN[1] + PANEL[1] * (1 - share / 100)
        lines.append(f'<text x="{MARGIN[0] - 8}" y="{at + 4:.1f}" text-anchor="end">{share} %</text>')
    lines += panel(series["queue"], MARGIN[0], "Esteira")
    lines += panel(series["fifo"], MARGIN[0] + PANEL[0] + GAP, "First in, first out")
    lines += legend(MARGIN[1] + PANEL[1] + 64)
    print("\n".join([*lines, "</svg>"]))


main(sys.argv[1])
