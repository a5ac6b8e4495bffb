"""Measures how documents are read, and prints a line for each figure; the last line is one JSON object."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

SOURCE = "/usr/share/debian-reference/debian-reference.pt.pdf"
PEERS = ("pymupdf", "kreuzberg", "markitdown")


def run(command, **environment):
    """CPU seconds, wall seconds, peak MiB and exit code of a process and its children."""
    began = time.monotonic()
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    try:
        _, status, used = os.wait4(child.pid, 0)
    except KeyboardInterrupt:
        child.kill()
        raise
    return {
        "cpu_s": used.ru_utime + used.ru_stime,
        "wall_s": time.monotonic() - began,
        "peak_mib": used.ru_maxrss / 1024,
        "code": os.waitstatus_to_exitcode(status),
    }


class Bench:
    def __init__(self, options):
        self.options = options
        self.scratch = pathlib.Path(options.scratch)
        self.count = 0

    def ours(self, path, asked, threads=1, may_fail=False):
        """Reads a document; gives what it took, and the folder of what came out."""
        self.count += 1
        folder = self.scratch / f"read-{self.count}"
        folder.mkdir()
        (folder / "input.json").write_text(json.dumps(asked))
        used = run(
            [self.options.extract, str(path), str(folder), str(folder / "input.json")],
            EXTRACT_THREADS=str(threads),
        )
        if used["code"] != 0 and not may_fail:
            raise SystemExit(f"{path}: the extractor ended with {used['code']}")
        return used, folder / "out"

    def peer(self, name, path, out):
        python = pathlib.Path(self.options.peers) / "bin/python"
        script = pathlib.Path(__file__).with_name("peer.py")
        return run([str(python), str(script), name, str(path), str(out)])

    def peers(self):
        return PEERS if self.options.peers else ()

    def part(self, pages):
        """A PDF with so many pages of the manual, again from the first one when it has no more."""
        out = self.scratch / f"pages-{pages}.pdf"
        whole, rest = divmod(pages, 250)
        ranges = [SOURCE, "1-250"] * whole + ([SOURCE, f"1-{rest}"] if rest else [])
        subprocess.run(["qpdf", "--empty", "--pages", *ranges, "--", str(out)], check=True)
        return out

    def text(self):
        pages = self.options.pages
        path = self.part(pages)
        asked = {"outputs": ["json", "md", "txt"], "index": False, "ocr": "never"}
        runs = sorted((self.ours(path, asked)[0] for _ in range(3)), key=lambda used: used["cpu_s"])
        result = {"pages": pages, "pages_per_cpu_s": round(pages / runs[1]["cpu_s"], 1)}
        result["peak_mib"] = round(runs[1]["peak_mib"])
        for name in self.peers():
            used = self.peer(name, path, self.scratch / "peer.md")
            result[name] = round(pages / used["cpu_s"], 1) if used["code"] == 0 else None
        if result.get("kreuzberg"):
            result["ratio_to_kreuzberg"] = round(result["pages_per_cpu_s"] / result["kreuzberg"], 2)
        return result

    def memory(self):
        path = self.part(self.options.long)
        used, _ = self.ours(path, {"outputs": ["json", "md", "txt"], "index": False, "ocr": "never"})
        return {"pages": self.options.long, "peak_mib": round(used["peak_mib"]), "cpu_s": round(used["cpu_s"], 2)}

    def pictures(self):
        path = self.part(self.options.pages)
        result = {"pages": self.options.pages, "width": 800}
        for form in ("webp", "png"):
            images = {"width": 800, "format": form}
            used, out = self.ours(path, {"outputs": ["images"], "images": images, "index": False, "ocr": "never"})
            made = list((out / "pages").iterdir())
            result[f"{form}_pages_per_cpu_s"] = round(len(made) / used["cpu_s"], 1)
            result[f"{form}_kib_a_page"] = round(sum(page.stat().st_size for page in made) / 1024 / len(made))
        return result

    def scans(self):
        stem = self.scratch / "scan"
        last = 30 + self.options.scans - 1
        subprocess.run(
            ["pdftoppm", "-r", "200", "-gray", "-png", "-f", "30", "-l", str(last), SOURCE, str(stem)], check=True
        )
        spent = 0.0
        files = sorted(self.scratch.glob("scan-*.png"))
        for path in files:
            used, _ = self.ours(path, {"languages": ["por"], "outputs": ["txt"], "index": False})
            spent += used["cpu_s"]
        return {"pages": len(files), "dpi": 200, "cpu_s_a_page": round(spent / len(files), 2)}

    def quality(self):
        corpus = pathlib.Path(self.options.corpus) / "open"
        found = {}
        for name in ("esteira", *self.peers()):
            out = self.scratch / f"score-{name}"
            out.mkdir()
            cpu = 0.0
            for path in sorted(corpus.iterdir()):
                if not path.is_file() or path.name.startswith("mal_"):
                    continue
                if name == "esteira":
                    # The references hold a message without what is attached to it.
                    asked = {"outputs": ["md"], "index": False, "attachments": False}
                    used, written = self.ours(path, asked, may_fail=True)
                    if (written / "document.md").exists():
                        shutil.copy(written / "document.md", out / f"{path.name}.md")
                else:
                    used = self.peer(name, path, out / f"{path.name}.md")
                cpu += used["cpu_s"]
            result = self.scratch / f"score-{name}.json"
            command = [sys.executable, str(corpus.parent / "score.py"), "--corpus", str(corpus), "--out", str(out)]
            subprocess.run([*command, "--json", str(result)], check=True, stdout=subprocess.DEVNULL)
            summary = json.loads(result.read_text())["summary"]
            found[name] = {category: round(figures["overall"], 3) for category, figures in summary.items()}
            tables = [figures["table"] for category, figures in summary.items() if category == "pdf"]
            found[name]["tables in PDF"] = round(tables[0], 3) if tables and tables[0] == tables[0] else None
            found[name]["cpu_s"] = round(cpu, 1)
        return found

    def hostile(self):
        """The hostile ones: the longest, the largest, and how many ended by a signal."""
        worst = {"wall_s": 0.0, "peak_mib": 0.0, "killed": []}
        for path in sorted((pathlib.Path(self.options.corpus) / "open").glob("mal_*")):
            used, _ = self.ours(path, {"index": False}, may_fail=True)
            worst["wall_s"] = max(worst["wall_s"], round(used["wall_s"], 2))
            worst["peak_mib"] = max(worst["peak_mib"], round(used["peak_mib"]))
            if used["code"] < 0:
                worst["killed"].append(path.name)
        return worst


def main():
    parser = argparse.ArgumentParser()
    for name in ("extract", "scratch", "peers", "corpus"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("pages", "scans", "long"):
        parser.add_argument(f"--{name}", type=int, required=True)
    bench = Bench(parser.parse_args())
    result = {"bench": "documents"}
    parts = ["text", "memory", "pictures", "scans"]
    if bench.options.corpus:
        parts += ["quality", "hostile"]
    for name in parts:
        result[name] = getattr(bench, name)()
        print(json.dumps({name: result[name]}), flush=True)
    print(json.dumps(result))


main()
