#!/usr/bin/env python3
"""Does every panel and every rule ask for something that is there? Each query is put to a Prometheus that has watched an
Esteira at work.

`check_queries.py URL`. After its variables are put in, a panel's query has to have an answer, and so has a recording rule. An
alert that is quiet has none: of its query each metric has to be known. Of every query the labels that are asked for have to
be there, with the values that are named, except those of RARE. NaN alone is no answer.
"""

import json
import math
import pathlib
import re
import sys
import urllib.parse
import urllib.request

import yaml

HERE = pathlib.Path(__file__).parent
RULES = HERE.parent / "prometheus"
# What Grafana puts in for a scrape every 15 s; here it is scraped more often.
RATE_INTERVAL = "1m"
SELECTOR = re.compile(r"\b((?:esteira|process|up|kind|kind_\w+|route|instance)[\w:]*)\s*(\{(?:\"[^\"]*\"|[^}\"])*\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
# Values that a healthy Esteira under load.py does not show, by metric and label: what goes wrong, and probes nobody makes.
CODES = {"crashed", "panicked", "sandbox_violation", "bad_child", "timeout", "out_of_memory", "stalled", "internal", "other"}
RARE = {
    ("esteira_jobs_finished_total", "code"): CODES,
    ("esteira_crashes_total", "cause"): {"crashed", "worker_lost"},
    ("esteira_postgres_errors_total", "fault"): {"away", "pool_exhausted", "contention", "refused", "other"},
    ("esteira_s3_calls_total", "ended"): {"missing", "refused", "unanswered"},
    ("esteira_api_requests_total", "status"): {"5.."},
    ("esteira_api_requests_total", "route"): {"/healthz", "/readyz"},
}


def ask(url, path, **arguments):
    with urllib.request.urlopen(f"{url}/api/v1/{path}?{urllib.parse.urlencode(arguments, doseq=True)}") as answer:
        return json.load(answer)["data"]


def answers(url, expr):
    """How many series answer with a number, or what is wrong with the query."""
    try:
        return sum(not math.isnan(float(one["value"][1])) for one in ask(url, "query", query=expr)["result"])
    except urllib.error.HTTPError as error:
        return json.load(error)["error"]


def panels():
    """Title and query of each target."""
    for path in sorted((HERE / "dashboards").glob("*.json")):
        board = json.loads(path.read_text())
        names = [variable["name"] for variable in board["templating"]["list"]]
        for panel in board["panels"]:
            for target in panel["targets"]:
                expr = target["expr"].replace("$__rate_interval", RATE_INTERVAL)
                for name in names:
                    expr = expr.replace(f"${name}", ".*")
                if re.search(r'"\$(?!\{\d)|\[\$', expr):
                    yield f"{path.name}: {panel['title']}", None
                yield f"{path.name}: {panel['title']}", expr
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"]).groups()
                yield f"{path.name}: ${variable['name']}", f"count by ({label}) ({metric})"


def rules(kind):
    for path in sorted(RULES.glob("*.rules.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                if kind in rule:
                    yield rule[kind], rule["expr"]


def quiet():
    """Queries that may have no answer now: of alerts and annotations."""
    yield from rules("alert")
    for path in sorted((HERE / "dashboards").glob("*.json")):
        for annotation in json.loads(path.read_text())["annotations"]["list"]:
            yield f"{path.name}: {annotation['name']}", annotation["expr"]


def words_of(pattern):
    """The values that a matcher names: `a|b` are two. None where it is a pattern of another sort."""
    words = pattern.split("|")
    return words if not any(set(word) & set("()[]*+?\\") for word in words) else None


def unknown(url, expr):
    """Metrics, labels and values of a query that are nowhere."""
    words = {"kind", "instance", "route"}
    for name, matchers in SELECTOR.findall(expr):
        if name in words:
            continue
        if not answers(url, f"count({name})"):
            yield name
            continue
        for label, operator, value in MATCHER.findall(matchers):
            there = ask(url, f"label/{label}/values", **{"match[]": name})
            if not there:
                yield f"{name}{{{label}}}"
                continue
            named = words_of(value) if "~" in operator else [value]
            for word in named or []:
                if not word or word in RARE.get((name, label), ()):
                    continue
                if not any(re.fullmatch(word if "~" in operator else re.escape(word), one) for one in there):
                    yield f'{name}{{{label}="{word}"}}'


def main():
    url = sys.argv[1]
    wrong, asked = [], 0
    for place, expr in [*panels(), *rules("record")]:
        asked += 1
        found = answers(url, expr) if expr else "a variable that is not defined"
        if not isinstance(found, int):
            wrong.append(f"{place}: {found}: {expr}")
        elif not found:
            wrong.append(f"{place}: no answer: {expr}")
        else:
            wrong += [f"{place}: unknown: {one}" for one in unknown(url, expr)]
    for place, expr in quiet():
        asked += 1
        found = answers(url, expr)
        if not isinstance(found, int):
            wrong.append(f"{place}: {found}: {expr}")
        wrong += [f"{place}: unknown: {one}" for one in unknown(url, expr)]
    for fault in wrong:
        print(fault, file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"{asked} queries ask for what is there")


if __name__ == "__main__":
    main()
