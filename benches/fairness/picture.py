"""Draws who was given the slots over time, in the queue and in a plain line, as SVG.

picture.py SERIES.json >picture.svg, where the series are those of `esteira-benches fairness --series`.
Every band is one tenant; bands of one colour are of one weight. Those who come once are one band together.
"""

import json
import sys

PANEL = (420, 260)  # width and height of a panel
MARGIN = (56, 64)  # left of and above it
GAP = 36
LEGEND = 96

# Colours that differ in lightness too, for print and for those who see no difference of red and green.
GROUPS = [
    ("flood", "everything queued at once (weight 1)", "#b3261e"),
    (1, "weight 1", "#9ecae1"),
    (2, "weight 2", "#4292c6"),
    (5, "weight 5", "#08519c"),
    ("capped", "may run one job at a time", "#e0a030"),
    ("visitor", "one job each", "#555555"),
]


def group(tenant):
    """The group of a tenant: its weight, or what it is there for."""
    return tenant["weight"] if tenant["part"] == "backlogged" else tenant["part"]


def bands(series):
    """Colour and upper edge of each band, from below: one for each tenant, and one for all visitors."""
    totals = [sum(bucket) or 1 for bucket in series["buckets"]]
    edge = [0.0] * len(totals)
    for name, _, colour in GROUPS:
        tenants = [number for number, tenant in enumerate(series["tenants"]) if group(tenant) == name]
        for together in [tenants] if name == "visitor" else [[tenant] for tenant in tenants]:
            shares = [sum(bucket[t] for t in together) / total for bucket, total in zip(series["buckets"], totals)]
            edge = [below + share for below, share in zip(edge, shares)]
            yield colour, edge


def panel(series, left, title):
    """One panel: bands, title, axis of time."""
    width, height = PANEL
    top = MARGIN[1]
    count = len(series["buckets"])
    x = lambda bucket: left + width * bucket / (count - 1)
    y = lambda share: top + height * (1 - share)
    yield f'<text x="{left}" y="{top - 12}" font-size="15" font-weight="bold">{title}</text>'
    # From above: each band reaches down to the axis, and the next one is painted over it.
    for colour, edge in reversed(list(bands(series))):
        line = " ".join(f"{x(bucket):.1f} {y(share):.1f}" for bucket, share in enumerate(edge))
        shape = f"M{line}V{top + height}H{left}Z"
        yield f'<path d="{shape}" fill="{colour}" stroke="#fff" stroke-width="0.4"/>'
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
