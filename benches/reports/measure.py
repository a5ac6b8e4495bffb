"""Measures CPU seconds and peak memory of making a PDF and a workbook, ours and the peers'; prints one JSON object last."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys


def cost(command):
    """CPU seconds and peak resident MiB of a command, by the kernel's own account of it."""
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {command}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def median(command, runs):
    costs = [cost(command) for _ in range(runs)]
    return {
        "cpu_seconds": round(statistics.median(seconds for seconds, _ in costs), 3),
        "peak_mib": round(max(mib for _, mib in costs), 1),
    }


def pages(path):
    told = subprocess.run(["pdfinfo", str(path)], check=True, capture_output=True, text=True).stdout
    return int(next(line.split()[1] for line in told.splitlines() if line.startswith("Pages:")))


def main():
    parser = argparse.ArgumentParser()
    for name in ("render", "scratch", "peers"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("pdf-rows", "xlsx-rows", "runs"):
        parser.add_argument(f"--{name}", type=int, required=True)
    given = parser.parse_args()
    scratch = pathlib.Path(given.scratch)
    peer = pathlib.Path(__file__).with_name("peer.py")
    result = {}
    for what, rows, formats in (("pdf", given.pdf_rows, ["pdf"]), ("xlsx", given.xlsx_rows, ["xlsx"])):
        dataset, request, out = scratch / f"{what}.json", scratch / f"{what}.input.json", scratch / what
        subprocess.run([given.render, "dataset", str(rows), str(dataset)], check=True)
        request.write_text(json.dumps(
            {"report": "activity", "period": "last_7_days", "locale": "pt-BR", "formats": formats}))
        ours = median([given.render, "one", str(dataset), str(request), str(out)], given.runs)
        result[what] = {"rows": rows, "esteira": ours}
        if what == "pdf":
            result[what]["pages"] = pages(out / "report.pdf")
        else:
            # A report always has its PDF as well: what that and the dataset cost is told, and counted with ours.
            request.write_text(json.dumps(
                {"report": "activity", "period": "last_7_days", "locale": "pt-BR", "formats": ["pdf"]}))
            without = median([given.render, "one", str(dataset), str(request), str(out)], given.runs)
            ours["of_these_pdf_and_dataset"] = without["cpu_seconds"]
        if given.peers:
            python = str(pathlib.Path(given.peers) / "bin/python")
            name = {"pdf": "reportlab", "xlsx": "openpyxl"}[what]
            theirs = median([python, str(peer), name, str(dataset), str(scratch / f"peer.{what}")], given.runs)
            result[what][name] = theirs
            result[what]["ratio"] = round(theirs["cpu_seconds"] / max(ours["cpu_seconds"], 0.001), 1)
            if what == "pdf":
                result[what]["reportlab_pages"] = pages(scratch / "peer.pdf")
        print(f"{what}: {json.dumps(result[what])}", file=sys.stderr)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
