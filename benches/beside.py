"""Sets the figures of a large database beside those of a small one, and prints one JSON line.

The ratio is of the second pass of each sort of claim: what a session meets for the first time is told apart.
"""

import json
import sys


def ratios(small, large, figure):
    """A figure of every sort of claim: small, large, their ratio, and the ratio where the session is new to it."""

    def line(sort):
        again, first = figure(large[sort]["again"]), figure(large[sort]["first"])
        base = figure(small[sort]["again"])
        return {"small": base, "large": again, "ratio": round(again / base, 2), "first_ratio": round(first / base, 2)}

    return {sort: line(sort) for sort in ("single", "spread", "lane")}


def main(bench, small, large):
    small, large = (json.loads(text.splitlines()[-1]) for text in (small, large))
    result = {
        "small": {key: small[key] for key in ("tenants", "queued", "finished")},
        "large": {key: large[key] for key in ("tenants", "queued", "finished")},
        "postgres_cpu_us_per_job": ratios(small, large, lambda told: told["postgres_cpu_us_per_job"]),
        "ms_per_job": ratios(small, large, lambda told: round(sum(told["ms_per_job"].values()), 4)),
        "session": {
            "small": small["session_after_all_tenants"],
            "large": large["session_after_all_tenants"],
            "large_if_never_replaced": large["session_if_never_replaced"],
        },
    }
    if large["drain"]:
        result["drain"] = {"small": small["drain"], "large": large["drain"], "session": large["session_after_drain"]}
    result["ratio"] = max(line["ratio"] for line in result["postgres_cpu_us_per_job"].values())
    print(json.dumps({"bench": bench, **result}))


main(*sys.argv[1:])
