#!/usr/bin/env python3
"""Draws the main panels of the dashboards as Prometheus answers them, for the documentation.

`pictures.py URL DIRECTORY` writes `overview.png`, `kind.png` and `schedules.png`. Grafana draws them in its own way; the queries,
units and limits are the same.
"""

import json
import pathlib
import sys
import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.dates  # noqa: E402
import matplotlib.pyplot as plt  # noqa: E402

from check_queries import RATE_INTERVAL, ask  # noqa: E402

HERE = pathlib.Path(__file__).parent
BOARDS = ["overview", "kind", "schedules"]
COLUMNS = 3
STEP = 2
LONGEST = 900
UNITS = {"s": "seconds", "bytes": "MiB", "ops": "a second", "reqps": "a second", "short": "", "percentunit": "share"}
MIB = 1024 * 1024


def series(url, target, names):
    """The lines of a query over the last minutes."""
    expr = target["expr"].replace("$__rate_interval", RATE_INTERVAL)
    for name in names:
        expr = expr.replace(f"${name}", ".*")
    now = time.time()
    for found in ask(url, "query_range", query=expr, start=now - LONGEST, end=now, step=STEP)["result"]:
        legend = target["legendFormat"]
        for label, value in found["metric"].items():
            legend = legend.replace(f"{{{{{label}}}}}", value)
        points = [(at, float(value)) for at, value in found["values"] if value not in ("NaN", "+Inf")]
        if points:
            yield legend, points


def draw(url, axes, panel, names):
    lines = [line for target in panel["targets"] for line in series(url, target, names)]
    defaults = panel["fieldConfig"]["defaults"]
    scale = MIB if defaults["unit"] == "bytes" else 1
    for legend, points in sorted(lines):
        times = [matplotlib.dates.epoch2num(at) if hasattr(matplotlib.dates, "epoch2num") else at / 86400 for at, _ in points]
        axes.plot(times, [value / scale for _, value in points], label=legend, linewidth=1)
    top = axes.get_ylim()[1]
    for step in defaults["thresholds"]["steps"][1:]:
        if step["value"] <= top * 2:
            axes.axhline(step["value"], color=step["color"], linestyle="--", linewidth=0.8)
    axes.set_title(panel["title"], fontsize=9, loc="left")
    axes.set_ylabel(UNITS[defaults["unit"]], fontsize=7)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(matplotlib.dates.DateFormatter("%H:%M"))
    axes.tick_params(labelsize=6)
    axes.grid(alpha=0.3)
    if lines:
        axes.legend(fontsize=5, loc="upper left", framealpha=0.6)


def main():
    url, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    for name in BOARDS:
        board = json.loads((HERE / "dashboards" / f"{name}.json").read_text())
        names = [variable["name"] for variable in board["templating"]["list"]]
        panels = [panel for panel in board["panels"] if panel["type"] == "timeseries"]
        rows = -(-len(panels) // COLUMNS)
        figure, grid = plt.subplots(rows, COLUMNS, figsize=(12, 2.5 * rows), squeeze=False)
        for axes, panel in zip(grid.flat, panels):
            draw(url, axes, panel, names)
        for axes in list(grid.flat)[len(panels):]:
            axes.set_axis_off()
        figure.suptitle(board["title"], fontsize=11, x=0.01, ha="left")
        figure.tight_layout()
        figure.savefig(directory / f"{name}.png", dpi=90)
        plt.close(figure)


if __name__ == "__main__":
    main()
