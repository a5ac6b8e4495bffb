#!/usr/bin/env python3
"""Which dashboards are there, and what does each panel ask? Writes them as JSON beside this file.

`ops/grafana/dashboards.py` writes, `--check` fails where what is written differs. The JSON is checked in, since Grafana reads
nothing else; change it here.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
GREEN, YELLOW, RED = "green", "yellow", "red"

# Dashboards by uid, which are linked from each other.
TITLES = {
    "esteira-overview": "Esteira / Overview",
    "esteira-kind": "Esteira / Kind",
    "esteira-tenant": "Esteira / Tenant",
    "esteira-worker": "Esteira / Worker",
    "esteira-schedules": "Esteira / Schedules and webhooks",
    "esteira-api": "Esteira / API",
    "esteira-postgres": "Esteira / Postgres",
}


def variable(name, label, query, description):
    """A choice of values of a label, all at first."""
    return {
        "type": "query", "name": name, "label": label, "description": description, "datasource": DATASOURCE,
        "query": {"query": query, "refId": name}, "refresh": 2, "sort": 1, "multi": True, "includeAll": True,
        "allValue": ".*", "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


DATASOURCE_VARIABLE = {
    "type": "datasource", "name": "datasource", "label": "Prometheus", "description": "Which Prometheus is asked.",
    "query": "prometheus", "multi": False, "includeAll": False,
    "current": {"selected": True, "text": "Prometheus", "value": "esteira-prometheus"},
}
KIND = variable("kind", "Kind", "label_values(esteira_queue_jobs, kind)", "Kinds of jobs.")
TENANT = variable("tenant", "Tenant", "label_values(esteira_tenant_run_seconds_total, tenant)",
                  "The busiest tenants; the others together are `other`.")
INSTANCE = variable("instance", "Process", "label_values(esteira_build_info, instance)", "Processes of Esteira.")
ROUTE = variable("route", "Route", "label_values(esteira_api_requests_total, route)", "Templates of routes.")

# The marks on every panel: a version that was not there a minute ago, and a lead that has changed hands.
ANNOTATIONS = [
    {
        "name": name, "datasource": DATASOURCE, "enable": True, "iconColor": color, "expr": expr,
    }
    for name, color, expr in [
        ("Deploys", "blue",
         "count by (version) (esteira_build_info) unless count by (version) (esteira_build_info offset 1m)"),
        ("Leader changes", "purple",
         "max by (duty) (esteira_leader_term) > max by (duty) (esteira_leader_term offset 1m)"),
    ]
]


class Panel:
    """One picture: what it shows, in which unit, and by which queries (each with the name of its lines)."""

    def __init__(self, title, description, unit, queries, kind="timeseries", width=8, height=8, limits=None,
                 stacked=False, link=None, exemplars=False, base=GREEN):
        self.title, self.description, self.unit, self.queries = title, description, unit, queries
        self.kind, self.width, self.height, self.limits = kind, width, height, limits
        self.stacked, self.link, self.exemplars, self.base = stacked, link, exemplars, base

    def to_json(self, number, x, y):
        panel = {
            "id": number, "type": self.kind, "title": self.title, "description": self.description,
            "datasource": DATASOURCE, "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "targets": [self.target(letter, *query) for letter, query in zip("ABCDEFG", self.queries)],
            "fieldConfig": {"defaults": self.field(), "overrides": []},
            "options": self.options(),
        }
        if self.link:
            panel["links"] = [dashboard_link(self.link)]
        return panel

    def target(self, letter, expr, legend):
        target = {"datasource": DATASOURCE, "refId": letter, "expr": expr, "legendFormat": legend}
        target |= {"instant": True, "range": False} if self.kind == "stat" else {"instant": False, "range": True}
        if self.exemplars:
            target["exemplar"] = True
        return target

    def field(self):
        steps = [{"value": None, "color": self.base}]
        for value, color in self.limits or []:
            steps.append({"value": value, "color": color})
        field = {"unit": self.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
        if self.kind == "stat":
            return field | {"color": {"mode": "thresholds"}}
        custom = {
            "drawStyle": "line", "lineWidth": 1, "fillOpacity": 25 if self.stacked else 5, "showPoints": "never",
            "stacking": {"mode": "normal" if self.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if self.limits else "off"},
        }
        return field | {"color": {"mode": "palette-classic"}, "custom": custom}

    def options(self):
        if self.kind == "stat":
            return {
                "reduceOptions": {"calcs": ["lastNotNull"], "values": False}, "colorMode": "value", "graphMode": "none",
                "textMode": "auto", "justifyMode": "auto", "orientation": "auto", "wideLayout": True,
                "showPercentChange": False, "percentChangeColorMode": "standard",
            }
        return {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }


def dashboard_link(uid):
    return {
        "title": TITLES[uid].removeprefix("Esteira / "), "type": "link", "icon": "dashboard", "tooltip": "", "url": f"/d/{uid}",
        "tags": [], "asDropdown": False, "targetBlank": False, "includeVars": True, "keepTime": True,
    }


def dashboard(uid, description, variables, rows):
    """`rows` are lists of panels, each row filling the width."""
    panels, y = [], 0
    for row in rows:
        assert sum(panel.width for panel in row) == WIDTH, (uid, [panel.title for panel in row])
        x = 0
        for panel in row:
            panels.append(panel.to_json(len(panels) + 1, x, y))
            x += panel.width
        y += max(panel.height for panel in row)
    return {
        "uid": uid, "title": TITLES[uid], "description": description, "tags": ["esteira"], "timezone": "browser",
        "schemaVersion": 41, "editable": True, "graphTooltip": 1, "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"}, "templating": {"list": [DATASOURCE_VARIABLE, *variables]},
        "annotations": {"list": ANNOTATIONS}, "links": [dashboard_link(other) for other in TITLES if other != uid],
        "panels": panels,
    }


def quantile(q, metric, by, where=""):
    of = ", ".join([*by, "le"])
    return f"histogram_quantile({q}, sum by ({of}) (rate({metric}_bucket{where}[$__rate_interval])))"


def stat(title, description, unit, expr, limits=None, link=None, width=4, base=GREEN):
    return Panel(title, description, unit, [(expr, "")], kind="stat", width=width, height=4, limits=limits, link=link,
                 base=base)


OVERVIEW = dashboard(
    "esteira-overview", "What waits, how old it is, what is done, and what fails: at a glance.", [KIND],
    [
        [
            stat("Waiting", "Jobs that wait for a slot, of all kinds.", "short",
                 'sum(kind_state:esteira_queue_jobs:max{state="queued", kind=~"$kind"})', [(1000, YELLOW), (10000, RED)],
                 link="esteira-kind"),
            stat("Oldest", "For how long the oldest queued job could have run.", "s",
                 'max(kind:esteira_queue_oldest_ready_seconds:max{kind=~"$kind"})', [(300, YELLOW), (900, RED)],
                 link="esteira-kind"),
            stat("Running", "Jobs that run.", "short",
                 'sum(kind_state:esteira_queue_jobs:max{state="running", kind=~"$kind"})', link="esteira-worker"),
            stat("Slots in use", "Of the slots of all workers, how many are used.", "percentunit",
                 'sum(kind_state:esteira_queue_jobs:max{state="running", kind=~"$kind"})'
                 ' / sum(kind:esteira_queue_slots:max{kind=~"$kind"})', [(0.8, YELLOW), (1, RED)], link="esteira-worker"),
            stat("Failing", "Of the jobs that ended in the last quarter of an hour, how many failed.", "percentunit",
                 'max(kind:esteira_jobs_failed:ratio_rate15m{kind=~"$kind"})', [(0.05, YELLOW), (0.2, RED)],
                 link="esteira-kind"),
            stat("Processes", "Processes of Esteira that answer.", "short", 'count(up{job="esteira"} == 1)',
                 link="esteira-worker"),
        ],
        [
            Panel("Jobs by state", "Jobs that are not over: waiting for others, for their time, for a slot, running.",
                  "short", [('sum by (state) (kind_state:esteira_queue_jobs:max{kind=~"$kind"})', "{{state}}")],
                  width=12, stacked=True, link="esteira-kind"),
            Panel("Age of the oldest queued job", "For how long it could have run, by kind.", "s",
                  [('kind:esteira_queue_oldest_ready_seconds:max{kind=~"$kind"}', "{{kind}}")], width=12,
                  limits=[(900, RED)], link="esteira-kind"),
        ],
        [
            Panel("Submitted and finished", "Jobs a second.", "ops",
                  [('sum(rate(esteira_jobs_submitted_total{kind=~"$kind"}[$__rate_interval]))', "submitted"),
                   ('sum by (outcome) (rate(esteira_jobs_finished_total{kind=~"$kind"}[$__rate_interval]))',
                    "{{outcome}}")], width=12),
            Panel("Failures by code", "Failed jobs a second, by kind and code of the error.", "ops",
                  [('sum by (kind, code) (rate(esteira_jobs_finished_total{kind=~"$kind", outcome="failed"}'
                    '[$__rate_interval]))', "{{kind}} {{code}}")], width=12, stacked=True, link="esteira-kind"),
        ],
        [
            Panel("How long jobs wait", "95 of 100 wait less: behind their own tenant's work, and for a slot.", "s",
                  [(quantile(0.95, "esteira_job_wait_seconds", ["behind"], '{kind=~"$kind"}'), "{{behind}}")],
                  exemplars=True, link="esteira-tenant"),
            Panel("How long attempts run", "95 of 100 run less, by kind.", "s",
                  [(quantile(0.95, "esteira_job_run_seconds", ["kind"], '{kind=~"$kind"}'), "{{kind}}")],
                  exemplars=True, link="esteira-kind"),
            Panel("Busiest tenants", "Processing seconds a second, which is slots in use.", "short",
                  [("topk(10, sum by (tenant) (rate(esteira_tenant_run_seconds_total[$__rate_interval])))",
                    "{{tenant}}")], stacked=True, link="esteira-tenant"),
        ],
        [
            Panel("Who leads", "One process leads each duty; where none does, something is not done.", "short",
                  [("sum by (duty) (esteira_leader)", "{{duty}}")], link="esteira-schedules"),
            Panel("Requests", "Requests a second, by class of the answer.", "reqps",
                  [('sum by (class) (label_replace(rate(esteira_api_requests_total[$__rate_interval]), '
                    '"class", "${1}xx", "status", "(.).."))', "{{class}}")], stacked=True, link="esteira-api"),
            Panel("Errors of Postgres and of the store", "Calls a second that failed.", "ops",
                  [("sum by (fault) (rate(esteira_postgres_errors_total[$__rate_interval]))", "Postgres {{fault}}"),
                   ('sum by (ended) (rate(esteira_s3_calls_total{ended!="ok"}[$__rate_interval]))', "S3 {{ended}}")],
                  link="esteira-postgres"),
        ],
    ],
)

KIND_BOARD = dashboard(
    "esteira-kind", "One kind of jobs, or several: how it waits, runs, ends and what it takes.", [KIND],
    [
        [
            stat("Waiting", "Jobs that wait for a slot.", "short",
                 'sum(kind_state:esteira_queue_jobs:max{state="queued", kind=~"$kind"})', [(1000, YELLOW), (10000, RED)],
                 width=6),
            stat("Slots", "Slots of all live workers.", "short", 'sum(kind:esteira_queue_slots:max{kind=~"$kind"})', width=6),
            stat("Paused", "Kinds that are paused for everybody.", "short",
                 'sum(kind:esteira_queue_paused:max{kind=~"$kind"})', [(1, YELLOW)], width=6),
            stat("Starved tenants", "Tenants of which nothing runs though it could.", "short",
                 'sum(max by (kind) (esteira_queue_starved_tenants{kind=~"$kind"}))', [(1, RED)], width=6),
        ],
        [
            Panel("Jobs by state", "Jobs that are not over.", "short",
                  [('kind_state:esteira_queue_jobs:max{kind=~"$kind"}', "{{kind}} {{state}}")], width=12, stacked=True),
            Panel("Ends", "Jobs a second that ended, by outcome.", "ops",
                  [('sum by (kind, outcome) (rate(esteira_jobs_finished_total{kind=~"$kind"}[$__rate_interval]))',
                    "{{kind}} {{outcome}}")], width=12, stacked=True),
        ],
        [
            Panel("Wait behind own work", "Behind the tenant's own jobs: half, and 95 of 100, wait less.", "s",
                  [(quantile(q, "esteira_job_wait_seconds", ["kind"], '{kind=~"$kind", behind="own_work"}'),
                    f"{{{{kind}}}} p{int(q * 100)}") for q in (0.5, 0.95)], exemplars=True),
            Panel("Wait for a slot", "Half, and 95 of 100, wait less.", "s",
                  [(quantile(q, "esteira_job_wait_seconds", ["kind"], '{kind=~"$kind", behind="slot"}'),
                    f"{{{{kind}}}} p{int(q * 100)}") for q in (0.5, 0.95)], exemplars=True),
            Panel("Run time", "Half, and 95 of 100, run less.", "s",
                  [(quantile(q, "esteira_job_run_seconds", ["kind"], '{kind=~"$kind"}'),
                    f"{{{{kind}}}} p{int(q * 100)}") for q in (0.5, 0.95)], exemplars=True),
        ],
        [
            Panel("Attempts", "Attempts a second, by how they ended.", "ops",
                  [('sum by (kind, ended) (rate(esteira_attempts_total{kind=~"$kind"}[$__rate_interval]))',
                    "{{kind}} {{ended}}")], stacked=True),
            Panel("Crashes, stalls, rescues", "Attempts of the last quarter of an hour.", "short",
                  [('sum by (kind, cause) (increase(esteira_crashes_total{kind=~"$kind"}[15m]))', "{{kind}} {{cause}}"),
                   ('sum by (kind) (increase(esteira_stalls_total{kind=~"$kind"}[15m]))', "{{kind}} stalled"),
                   ('sum by (kind) (increase(esteira_rescues_total{kind=~"$kind"}[15m]))', "{{kind}} rescued")],
                  limits=[(5, RED)], link="esteira-worker"),
            Panel("Failures by code", "Failed jobs a second.", "ops",
                  [('sum by (kind, code) (rate(esteira_jobs_finished_total{kind=~"$kind", outcome="failed"}'
                    '[$__rate_interval]))', "{{kind}} {{code}}")], stacked=True),
        ],
        [
            Panel("Processor time of children", "CPU seconds a second.", "short",
                  [('sum by (kind) (rate(esteira_child_cpu_seconds_total{kind=~"$kind"}[$__rate_interval]))',
                    "{{kind}}")], stacked=True),
            Panel("Peak memory of children", "95 of 100 children hold less at once.", "bytes",
                  [(quantile(0.95, "esteira_child_peak_memory_bytes", ["kind"], '{kind=~"$kind"}'), "{{kind}}")]),
            Panel("Claim and settle", "99 of 100 take less.", "s",
                  [(quantile(0.99, "esteira_claim_seconds", ["kind"], '{kind=~"$kind"}'), "{{kind}} claim"),
                   (quantile(0.99, "esteira_settle_seconds", ["kind"], '{kind=~"$kind"}'), "{{kind}} settle")],
                  link="esteira-postgres"),
        ],
    ],
)

TENANT_BOARD = dashboard(
    "esteira-tenant", "The busiest tenants, and all others together: what each submits, uses and waits for.", [TENANT],
    [
        [
            stat("Tenants", "Tenants that there are.", "short", "max(esteira_tenants)", width=8),
            stat("Oldest queued job", "Of the tenants that are chosen.", "s",
                 'max(esteira_tenant_oldest_ready_seconds{tenant=~"$tenant"})', [(300, YELLOW), (900, RED)], width=8),
            stat("Starved tenants", "Of all kinds: nothing of theirs runs though it could.", "short",
                 "sum(max by (kind) (esteira_queue_starved_tenants))", [(1, RED)], link="esteira-kind", width=8),
        ],
        [
            Panel("Processing time", "Seconds a second, which is slots in use.", "short",
                  [('sum by (tenant) (rate(esteira_tenant_run_seconds_total{tenant=~"$tenant"}[$__rate_interval]))',
                    "{{tenant}}")], width=12, stacked=True),
            Panel("Share of the processing time", "Of all that was used.", "percentunit",
                  [('sum by (tenant) (rate(esteira_tenant_run_seconds_total{tenant=~"$tenant"}[$__rate_interval]))'
                    ' / on () group_left () sum(rate(esteira_tenant_run_seconds_total[$__rate_interval]))',
                    "{{tenant}}")], width=12),
        ],
        [
            Panel("Waiting", "Jobs that wait for a slot.", "short",
                  [('max by (tenant) (esteira_tenant_queue_jobs{tenant=~"$tenant", state="queued"})', "{{tenant}}")],
                  stacked=True),
            Panel("Running", "Jobs that run.", "short",
                  [('max by (tenant) (esteira_tenant_queue_jobs{tenant=~"$tenant", state="running"})', "{{tenant}}")],
                  stacked=True),
            Panel("Age of the oldest queued job", "For how long it could have run.", "s",
                  [('max by (tenant) (esteira_tenant_oldest_ready_seconds{tenant=~"$tenant"})', "{{tenant}}")],
                  limits=[(900, RED)]),
        ],
        [
            Panel("Submitted", "Jobs a second.", "ops",
                  [('sum by (tenant) (rate(esteira_tenant_jobs_submitted_total{tenant=~"$tenant"}[$__rate_interval]))',
                    "{{tenant}}")], stacked=True),
            Panel("Attempts", "Attempts a second, by how they ended.", "ops",
                  [('sum by (tenant, ended) (rate(esteira_tenant_attempts_total{tenant=~"$tenant"}[$__rate_interval]))',
                    "{{tenant}} {{ended}}")], stacked=True),
            Panel("Mean wait", "Of an attempt, behind the tenant's own work and for a slot.", "s",
                  [('sum by (tenant, behind) (rate(esteira_tenant_wait_seconds_total{tenant=~"$tenant"}[$__rate_interval]))'
                    ' / on (tenant) group_left () (sum by (tenant) (rate(esteira_tenant_attempts_total{tenant=~"$tenant"}'
                    '[$__rate_interval])) > 0)', "{{tenant}} {{behind}}")]),
        ],
    ],
)

WORKER = dashboard(
    "esteira-worker", "The processes: slots, what they use, and the disk that attempts work on.", [INSTANCE, KIND],
    [
        [
            stat("Workers", "Live workers that take jobs of the kind with most of them.", "short",
                 'max(esteira_queue_workers{kind=~"$kind"})', width=6),
            stat("Slots in use", "Of the slots of these processes.", "percentunit",
                 'sum(esteira_worker_busy_slots{instance=~"$instance", kind=~"$kind"})'
                 ' / sum(esteira_worker_slots{instance=~"$instance", kind=~"$kind"})', [(0.8, YELLOW), (1, RED)], width=6),
            stat("Rescued", "Jobs that were taken from lost workers in the last hour.", "short",
                 'sum(increase(esteira_rescues_total{instance=~"$instance"}[1h]))', [(1, YELLOW), (4, RED)], width=6),
            stat("Least free disk", "Of the file systems where attempts work.", "percentunit",
                 'min(esteira_work_dir_free_bytes{instance=~"$instance"}'
                 ' / esteira_work_dir_size_bytes{instance=~"$instance"})', [(0.1, YELLOW), (0.2, GREEN)], width=6,
                 base=RED),
        ],
        [
            Panel("Busy slots", "Slots in which an attempt runs.", "short",
                  [('sum by (instance, kind) (esteira_worker_busy_slots{instance=~"$instance", kind=~"$kind"})',
                    "{{instance}} {{kind}}")], width=12, stacked=True),
            Panel("Free slots", "Slots that wait for a job.", "short",
                  [('sum by (instance, kind) (esteira_worker_slots{instance=~"$instance", kind=~"$kind"})'
                    ' - sum by (instance, kind) (esteira_worker_busy_slots{instance=~"$instance", kind=~"$kind"})',
                    "{{instance}} {{kind}}")], width=12, stacked=True),
        ],
        [
            Panel("Attempts", "Attempts a second that ended, by how.", "ops",
                  [('sum by (instance, ended) (rate(esteira_attempts_total{instance=~"$instance", kind=~"$kind"}'
                    '[$__rate_interval]))', "{{instance}} {{ended}}")], stacked=True, link="esteira-kind"),
            Panel("Processor time", "Of the process itself and of its children, CPU seconds a second.", "short",
                  [('sum by (instance) (rate(process_cpu_seconds_total{instance=~"$instance", job="esteira"}'
                    '[$__rate_interval]))', "{{instance}} itself"),
                   ('sum by (instance) (rate(esteira_child_cpu_seconds_total{instance=~"$instance"}[$__rate_interval]))',
                    "{{instance}} children")], stacked=True),
            Panel("Memory of the process", "Without its children.", "bytes",
                  [('process_resident_memory_bytes{instance=~"$instance", job="esteira"}', "{{instance}}")]),
        ],
        [
            Panel("Free disk", "Where attempts have their directories.", "bytes",
                  [('esteira_work_dir_free_bytes{instance=~"$instance"}', "{{instance}}")]),
            Panel("Open descriptors", "Of the process.", "short",
                  [('process_open_fds{instance=~"$instance", job="esteira"}', "{{instance}}")]),
            Panel("Calls of the object store", "Calls a second, by operation and how they ended.", "ops",
                  [('sum by (operation, ended) (rate(esteira_s3_calls_total{instance=~"$instance"}[$__rate_interval]))',
                    "{{operation}} {{ended}}")], stacked=True),
        ],
        [
            Panel("Latency of the object store", "95 of 100 calls take less.", "s",
                  [(quantile(0.95, "esteira_s3_call_seconds", ["operation"], '{instance=~"$instance"}'),
                    "{{operation}}")], width=24),
        ],
    ],
)

SCHEDULES = dashboard(
    "esteira-schedules", "Whether schedules fire in time, and webhooks are told.", [],
    [
        [
            stat("Due", "Schedules that are due and about which nothing is decided.", "short", "max(esteira_schedules_due)",
                 [(10, YELLOW), (100, RED)], width=6),
            stat("Late", "For how long the oldest of them has been due.", "s", "max(esteira_schedules_late_seconds)",
                 [(10, YELLOW), (120, RED)], width=6),
            stat("Webhooks waiting", "Tenants whose webhooks are to be told something.", "short",
                 "max(esteira_webhook_waiting_tenants)", [(100, YELLOW)], width=6),
            stat("Oldest", "For how long the longest waiting of them.", "s", "max(esteira_webhook_oldest_due_seconds)",
                 [(60, YELLOW), (300, RED)], width=6),
        ],
        [
            Panel("Due instants", "Decided a second: fired, waiting for the run before, skipped.", "ops",
                  [("sum by (state) (rate(esteira_schedule_runs_total[$__rate_interval]))", "{{state}}")], width=12,
                  stacked=True),
            Panel("Lateness", "From the due instant to the decision: half, and 99 of 100, less.", "s",
                  [(quantile(q, "esteira_schedule_lateness_seconds", []), f"p{int(q * 100)}") for q in (0.5, 0.99)],
                  width=12, limits=[(120, RED)]),
        ],
        [
            Panel("Messages", "Messages a second, by what came of it.", "ops",
                  [("sum by (outcome) (rate(esteira_webhook_attempts_total[$__rate_interval]))", "{{outcome}}")],
                  stacked=True),
            Panel("Why messages do not arrive", "Failed messages a second.", "ops",
                  [('sum by (reason) (rate(esteira_webhook_attempts_total{outcome!="delivered"}[$__rate_interval]))',
                    "{{reason}}")], stacked=True),
            Panel("How long receivers take", "Half, and 95 of 100, take less.", "s",
                  [(quantile(q, "esteira_webhook_attempt_seconds", []), f"p{int(q * 100)}") for q in (0.5, 0.95)]),
        ],
        [
            Panel("Who leads", "Schedules are led by a scheduler, webhooks by a worker.", "short",
                  [('sum by (duty, instance) (esteira_leader{duty=~"schedules|webhooks"})', "{{duty}} {{instance}}")],
                  width=12),
            Panel("Terms", "How often each lead has changed hands.", "short",
                  [("max by (duty) (esteira_leader_term)", "{{duty}}")], width=12),
        ],
    ],
)

API = dashboard(
    "esteira-api", "What is asked over HTTP, how fast it is answered, and what is refused.", [INSTANCE, ROUTE],
    [
        [
            stat("Requests", "Requests a second.", "reqps",
                 'sum(rate(esteira_api_requests_total{instance=~"$instance", route=~"$route"}[$__rate_interval]))', width=8),
            stat("Errors of ours", "Of the requests, those that are answered 5xx.", "percentunit",
                 "esteira_api_errors:ratio_rate5m", [(0.005, YELLOW), (0.02, RED)], width=8),
            stat("p99", "99 of 100 requests other than waits and streams take less.", "s",
                 quantile(0.99, "esteira_api_request_seconds", [],
                          '{instance=~"$instance", route=~"$route", '
                          'route!~"/v1/jobs/[{]id[}](/events|[?]wait)"}'),
                 [(0.5, YELLOW), (2, RED)], width=8),
        ],
        [
            Panel("Requests by route", "Requests a second.", "reqps",
                  [('sum by (method, route) (rate(esteira_api_requests_total{instance=~"$instance", route=~"$route"}'
                    '[$__rate_interval]))', "{{method}} {{route}}")], width=12, stacked=True),
            Panel("Answers by status", "Answers a second.", "reqps",
                  [('sum by (status) (rate(esteira_api_requests_total{instance=~"$instance", route=~"$route"}'
                    '[$__rate_interval]))', "{{status}}")], width=12, stacked=True),
        ],
        [
            Panel("Latency by route", "95 of 100 take less.", "s",
                  [(quantile(0.95, "esteira_api_request_seconds", ["method", "route"],
                             '{instance=~"$instance", route=~"$route"}'), "{{method}} {{route}}")], width=12),
            Panel("Refused", "Answers 4xx a second, by route and status.", "reqps",
                  [('sum by (route, status) (rate(esteira_api_requests_total{instance=~"$instance", route=~"$route", '
                    'status=~"4.."}[$__rate_interval]))', "{{status}} {{route}}")], width=12, stacked=True),
        ],
        [
            Panel("Submitted", "Jobs a second that were taken, by kind.", "ops",
                  [('sum by (kind) (rate(esteira_jobs_submitted_total{instance=~"$instance"}[$__rate_interval]))',
                    "{{kind}}")], width=12, stacked=True, link="esteira-kind"),
            Panel("Connections to Postgres", "Of the pools of these processes.", "short",
                  [('sum by (instance, state) (esteira_postgres_pool_connections{instance=~"$instance"})',
                    "{{instance}} {{state}}"),
                   ('sum by (instance) (esteira_postgres_pool_limit{instance=~"$instance"})', "{{instance}} most")],
                  width=12, link="esteira-postgres"),
        ],
    ],
)

POSTGRES = dashboard(
    "esteira-postgres", "How Esteira gets on with its Postgres: calls, errors, pools, and what is held open.", [INSTANCE],
    [
        [
            stat("Sessions", "Of the most that the server takes.", "percentunit",
                 "max(esteira_postgres_sessions) / max(esteira_postgres_sessions_limit)", [(0.7, YELLOW), (0.9, RED)],
                 width=6),
            stat("Oldest transaction", "For how long it has been open.", "s",
                 "max(esteira_postgres_oldest_transaction_seconds)", [(300, YELLOW), (900, RED)], width=6),
            stat("Fullest pool", "Connections in use, of the most that a process may have.", "percentunit",
                 'max(instance:esteira_postgres_pool_busy:ratio{instance=~"$instance"})', [(0.8, YELLOW), (1, RED)],
                 width=6),
            stat("Behind", "Tenants whose schema is not of this version, and migrations that are not applied.", "short",
                 "max(esteira_tenants_behind) + max(esteira_migrations_behind)", [(1, YELLOW)], width=6),
        ],
        [
            Panel("Calls", "Statements and transactions a second.", "ops",
                  [('sum by (call) (rate(esteira_postgres_calls_total{instance=~"$instance"}[$__rate_interval]))',
                    "{{call}}")], width=12, stacked=True),
            Panel("Errors", "Calls a second that failed.", "ops",
                  [('sum by (fault) (rate(esteira_postgres_errors_total{instance=~"$instance"}[$__rate_interval]))',
                    "{{fault}}")], width=12, stacked=True),
        ],
        [
            Panel("Claim", "Half, and 99 of 100, take less.", "s",
                  [(quantile(q, "esteira_claim_seconds", [], '{instance=~"$instance"}'), f"p{int(q * 100)}")
                   for q in (0.5, 0.99)]),
            Panel("Settle", "Half, and 99 of 100, take less.", "s",
                  [(quantile(q, "esteira_settle_seconds", [], '{instance=~"$instance"}'), f"p{int(q * 100)}")
                   for q in (0.5, 0.99)]),
            Panel("Pools", "Connections of each process.", "short",
                  [('sum by (instance, state) (esteira_postgres_pool_connections{instance=~"$instance"})',
                    "{{instance}} {{state}}")], stacked=True),
        ],
        [
            Panel("Dead rows", "Of the tables that change with every job; a transaction that is held open keeps them.",
                  "short", [("max by (table) (esteira_postgres_dead_rows)", "{{table}}")]),
            Panel("Size of the hot tables", "With their indices.", "bytes",
                  [("max by (table) (esteira_postgres_table_size_bytes)", "{{table}}")]),
            Panel("The look at the whole", "How long it takes, once every some seconds, in one process.", "s",
                  [("max(esteira_overview_seconds)", "took")], limits=[(1, YELLOW)]),
        ],
    ],
)

BOARDS = [OVERVIEW, KIND_BOARD, TENANT_BOARD, WORKER, SCHEDULES, API, POSTGRES]


def main():
    stale = []
    for board in BOARDS:
        path = HERE / "dashboards" / f"{board['uid'].removeprefix('esteira-')}.json"
        text = json.dumps(board, indent=1, ensure_ascii=False) + "\n"
        if "--check" in sys.argv:
            if not path.exists() or path.read_text() != text:
                stale.append(path.name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    if stale:
        sys.exit(f"written by an older dashboards.py: {', '.join(stale)}")


if __name__ == "__main__":
    main()
