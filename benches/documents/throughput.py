"""1,000 small documents of 20 tenants through a whole `esteira up`: documents a minute, and where the CPU goes.

The reading alone is measured by the same documents in one process of the extractor, which is started once: what `extract` takes
for many rounds, less what it takes for one. All else of what Esteira, its children and Postgres take is the engine's.
"""

import argparse
import json
import os
import pathlib
import subprocess
import time
import urllib.request

SOURCE = "/usr/share/debian-reference/debian-reference.pt.pdf"
ROUNDS = 21
HZ = os.sysconf("SC_CLK_TCK")


def ticks(pid):
    """CPU ticks of a process and of those of its children that are gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    except FileNotFoundError:
        return 0
    return sum(int(field) for field in fields[11:15])


def cpu_seconds(pid):
    # Threads that spawn are parents by themselves.
    found = {pid}
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(") ", 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    grown = True
    while grown:
        grown = False
        for child, parent in parents.items():
            if parent in found and child not in found:
                found.add(child)
                grown = True
    return sum(ticks(one) for one in found) / HZ


class Server:
    def __init__(self, esteira, folder):
        self.esteira, self.folder = esteira, folder
        command = [esteira, "up", "--data-dir", folder, "--listen", "127.0.0.1:0"]
        self.log = open(f"{folder}.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        address = pathlib.Path(folder, "esteira.json")
        deadline = time.monotonic() + 60
        while not address.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"esteira up did not start: {pathlib.Path(self.log.name).read_text()}")
            time.sleep(0.05)

    def cli(self, *arguments):
        command = [self.esteira, *arguments, "--data-dir", self.folder, "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def call(url, key, method, path, body, media_type="application/json", name=None):
    headers = {"authorization": f"Bearer {key}", "content-type": media_type}
    path += f"?file_name={name}" if name else ""
    request = urllib.request.Request(url + path, data=body, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def small_documents(folder):
    """A page of a manual as PDF, and the sort of letters, tables and pages of the web that come by mail."""
    folder.mkdir()
    subprocess.run(["qpdf", "--empty", "--pages", SOURCE, "61", "--", str(folder / "pagina.pdf")], check=True)
    paragraph = "A manutenção da rede começa na segunda-feira, às oito horas, e dura dois dias. "
    (folder / "aviso.html").write_text(
        "<!DOCTYPE html><html lang=pt><title>Aviso</title><h1>Aviso</h1>" + f"<p>{paragraph * 4}</p>" * 12, encoding="utf-8"
    )
    (folder / "carta.eml").write_text(
        "From: ana@example.com\r\nTo: bia@example.com\r\nSubject: Aviso\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + (paragraph + "\r\n") * 30,
        encoding="utf-8",
    )
    rows = "".join(f"{n};Roteador {n};{n * 3},90\n" for n in range(200))
    (folder / "itens.csv").write_text("numero;item;valor\n" + rows, encoding="utf-8")
    return sorted(folder.iterdir())


def reading_alone(extract, documents, scratch):
    """CPU seconds that one of these documents takes, on average, in a process that runs already."""
    spent = 0.0
    for document in documents:
        took = []
        for rounds in (1, ROUNDS):
            out = scratch / f"alone-{document.name}-{rounds}"
            asked = scratch / "alone.json"
            asked.write_text('{"outputs": ["json", "md", "txt"]}')
            child = subprocess.Popen(
                [extract, str(document), str(out), str(asked)],
                stdout=subprocess.DEVNULL, env={**os.environ, "EXTRACT_ROUNDS": str(rounds)},
            )
            _, status, used = os.wait4(child.pid, 0)
            if status != 0:
                raise SystemExit(f"{document}: the extractor ended with {status}")
            took.append(used.ru_utime + used.ru_stime)
        spent += (took[1] - took[0]) / (ROUNDS - 1)
    return spent / len(documents)


def main():
    parser = argparse.ArgumentParser()
    for name in ("esteira", "extract", "scratch"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("documents", "tenants"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    scratch = pathlib.Path(options.scratch)
    documents = small_documents(scratch / "small")
    alone = reading_alone(options.extract, documents, scratch)
    server = Server(options.esteira, str(scratch / "throughput"))
    try:
        url = json.loads((scratch / "throughput/esteira.json").read_text())["url"]
        each = options.documents // options.tenants
        work = []
        for number in range(options.tenants):
            slug = f"bench_{number}"
            server.cli("tenant", "create", slug)
            key = server.cli("key", "create", slug, "--name", "bench")["key"]
            uploads = [
                call(url, key, "POST", "/v1/files", path.read_bytes(), "application/octet-stream", path.name)["uri"]
                for path in documents
            ]
            jobs = [
                {"kind": "document.extract", "input": {"source": uploads[n % len(uploads)], "outputs": ["json", "md", "txt"]}}
                for n in range(each)
            ]
            work.append((key, json.dumps({"jobs": jobs}).encode()))
        before, began = cpu_seconds(server.process.pid), time.monotonic()
        batches = [(key, call(url, key, "POST", "/v1/jobs/batch", body)["batch_id"]) for key, body in work]
        failed = 0
        for key, batch in batches:
            while True:
                counts = call(url, key, "GET", f"/v1/batches/{batch}", None)["counts"]
                over = sum(counts.get(state, 0) for state in ("succeeded", "failed", "cancelled"))
                if over == each:
                    failed += each - counts["succeeded"]
                    break
                time.sleep(0.1)
        took, spent = time.monotonic() - began, cpu_seconds(server.process.pid) - before
    finally:
        server.stop()
    count = each * options.tenants
    print(json.dumps({
        "bench": "documents throughput", "documents": count, "tenants": options.tenants, "failed": failed,
        "documents_a_minute": round(60 * count / took), "cpu_ms_a_document": round(1000 * spent / count, 1),
        "reading_alone_cpu_ms": round(1000 * alone, 1), "engine_share": round(1 - alone * count / spent, 3),
    }))


main()
