"""Sets Esteira's figures beside the best peer's of the same run, and prints one JSON line.

Figures are medians over the runs; the best peer is the one whose median is best.
"""

import json
import re
import statistics
import sys


def medians(text):
    """The medians of every number in some JSON lines of one measurement."""
    runs = [json.loads(line) for line in text.splitlines() if line.strip()]
    flat = [{**run, **run.get("millis", {})} for run in runs]
    return {
        key: statistics.median(run[key] for run in flat)
        for key in flat[0]
        if isinstance(flat[0][key], (int, float))
    }


def best_peer(text, pattern, better):
    """The peer (its line without the figures) whose median by `pattern` is best, and that median."""
    found = {}
    for line in text.splitlines():
        match = re.search(pattern, line)
        if match:
            found.setdefault(line.split("n=")[0].split("single")[0].split("picked")[0].strip(), []).append(
                float(match.group(1))
            )
    if not found:
        return None, None
    name = better(found, key=lambda peer: statistics.median(found[peer]))
    return name, statistics.median(found[name])


def beside(figures, key, text, pattern, better=max):
    """One figure, the best peer's, and their ratio."""
    name, peer = best_peer(text, pattern, better)
    line = {"esteira": figures[key]}
    if peer:
        line |= {"best_peer": peer, "peer": name, "ratio": round(figures[key] / peer, 2)}
    return line


def main(bench, *texts):
    own = medians(texts[0])
    peers = texts[-1]
    if bench == "drain":
        rate = r"([\d.]+) jobs/s"
        many = medians(texts[1])
        result = {
            "one_tenant": beside(own, "jobs_per_s", peers, rate),
            "many_tenants": beside(many, "jobs_per_s", peers, rate) | {"tenants": many["tenants"]},
            "many_tenants_again": beside(many, "again_jobs_per_s", peers, rate) | {"tenants": many["tenants"]},
            "one_tenant_again": beside(own, "again_jobs_per_s", peers, rate),
            **{
                f"{who}_cpu_us_per_job": [own[key], many[key], many[f"again_{key}"]]
                for who in ("postgres", "client")
                for key in [f"{who}_cpu_us_per_job"]
            },
        }
    elif bench == "submit":
        result = {
            "single_1": beside(own, "single_per_s", peers, r"single_1c=(\d+)/s"),
            "single_8": beside(own, "at_once_per_s", peers, r"single_8c=(\d+)/s"),
            "bulk_1000": beside(own, "bulk_per_s", peers, r"bulk1000=(\d+)/s"),
            "postgres_cpu_us": {"single_8": own["at_once_postgres_cpu_us"], "bulk": own["bulk_postgres_cpu_us"]},
            "client_cpu_us": {"single_8": own["at_once_client_cpu_us"], "bulk": own["bulk_client_cpu_us"]},
        }
    else:
        result = {
            "p50_ms": beside(own, "p50", peers, r"p50=([\d.]+)ms", min),
            "p99_ms": beside(own, "p99", peers, r"p99=([\d.]+)ms", min),
        }
    print(json.dumps({"bench": bench, **result}))


main(*sys.argv[1:])
