#!/usr/bin/env python3
"""Keeps an `esteira up` busy with cheap work of every sort, so that each metric has something to tell.

`load.py esteira.json SECONDS`: documents of several tenants, some of them broken; a batch, a cancel; a schedule that fires
every two seconds; a webhook that is told, and one that refuses; requests that are refused.
"""

import http.server
import json
import sys
import threading
import time
import urllib.error
import urllib.request

CONNECTION = json.load(open(sys.argv[1], encoding="utf-8"))
SECONDS = float(sys.argv[2])


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes what comes to /ok, and refuses the rest."""

    def do_POST(self):  # the name is the library's
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204 if self.path == "/ok" else 500)
        self.end_headers()

    def log_message(self, *_):
        pass


def call(key, method, path, body=None, raw=None):
    """The status of a request and its answer."""
    data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Bearer {key}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(CONNECTION["url"] + path, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, None


def tenant(slug):
    """A tenant with a key."""
    call(CONNECTION["operator_key"], "POST", "/v1/tenants", {"slug": slug})
    scopes = ["jobs:read", "jobs:write", "schedules:write", "webhooks:write"]
    return call(CONNECTION["operator_key"], "POST", f"/v1/tenants/{slug}/keys", {"name": "load", "scopes": scopes})[1]["key"]


def upload(key, name, content):
    return call(key, "POST", f"/v1/files?file_name={name}", raw=content)[1]["uri"]


def prepare(key, receiver):
    """Webhooks, a schedule and files of a tenant."""
    for path in ("ok", "no"):
        call(key, "POST", "/v1/webhooks", {"url": f"{receiver}/{path}", "events": ["job.succeeded", "job.failed"]})
    good = upload(key, "note.txt", b"Relatorio da esteira: tudo em ordem.\n" * 20)
    broken = upload(key, "broken.pdf", b"%PDF-1.7\nnothing that could be read\n")
    schedule = {"name": "often", "cron": "*/2 * * * * *", "timezone": "America/Sao_Paulo", "kind": "document.extract",
                "input": {"source": good}, "overlap": "skip", "catch_up": "latest"}
    call(key, "POST", "/v1/schedules", schedule)
    return good, broken


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver = f"http://127.0.0.1:{server.server_port}"
    keys = [tenant(slug) for slug in ("acme", "bell", "corp")]
    files = [prepare(key, receiver) for key in keys]
    until, turn = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        for place, (key, (good, broken)) in enumerate(zip(keys, files)):
            for source in [good] * (3 - place) + [broken] * (turn % 3 == 0):
                call(key, "POST", "/v1/jobs", {"kind": "document.extract", "input": {"source": source}})
            later = {"kind": "document.extract", "input": {"source": good}, "run_at": "2999-01-01T00:00:00Z"}
            job = call(key, "POST", "/v1/jobs", later)[1]
            call(key, "POST", f"/v1/jobs/{job['id']}/cancel")
            call(key, "GET", "/v1/jobs?limit=10")
        call(keys[0], "POST", "/v1/jobs", {"kind": "document.extract", "input": {}})
        call("est_nobody", "GET", "/v1/jobs")
        turn += 1
        time.sleep(1)
    server.shutdown()
    print(f"{turn} turns")


if __name__ == "__main__":
    main()
