"""Measures how speech is written down, and prints a line for each figure; the last line is one JSON object."""

import argparse
import json
import os
import pathlib
import re
import subprocess
import time

LIBRIVOX = pathlib.Path("/usr/share/pocketsphinx/test/data/librivox")
PAUSE = 0.8
UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SAME = {"mister": "mr", "missus": "mrs", "doctor": "dr", "et cetera": "etc"}


def spoken(number):
    """A number up to 9999 as its digits are said; years in pairs."""
    if number < 20:
        return UNITS[number]
    if number < 100:
        return TENS[number // 10 - 2] + (" " + UNITS[number % 10] if number % 10 else "")
    if 1100 <= number < 2000 and number % 100:
        return spoken(number // 100) + " " + spoken(number % 100)
    if number < 1000:
        return UNITS[number // 100] + " hundred" + (" " + spoken(number % 100) if number % 100 else "")
    return spoken(number // 1000) + " thousand" + (" " + spoken(number % 1000) if number % 1000 else "")


def ordinal(number):
    words = spoken(number).split(" ")
    irregular = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
                 "twelve": "twelfth"}
    last = words[-1]
    words[-1] = irregular.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return " ".join(words)


def plain(text):
    """The light normaliser: lower case, no punctuation, hyphens as blanks, numbers as words, mister as mr."""
    text = re.sub(r"\b(\d{1,4})(st|nd|rd|th)\b", lambda m: ordinal(int(m[1])), text.lower().replace("’", "'"))
    text = re.sub(r"\b\d{1,4}\b", lambda m: spoken(int(m[0])), text)
    text = re.sub(r"[^a-z' ]", " ", text)
    for word, other in SAME.items():
        text = re.sub(rf"\b{word}\b", other, text)
    return text.split()


def errors(reference, heard):
    """Words that have to be changed, added or taken away (Levenshtein), as a share of the reference."""
    row = list(range(len(heard) + 1))
    for done, word in enumerate(reference, 1):
        following = [done]
        for at, other in enumerate(heard):
            following.append(min(row[at] + (word != other), row[at + 1] + 1, following[at] + 1))
        row = following
    return row[-1] / len(reference)


def run(command, **environment):
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **environment})
    output = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command} failed")
    wall = time.monotonic() - began
    return {"cpu_s": used.ru_utime + used.ru_stime, "wall_s": wall, "peak_mib": used.ru_maxrss / 1024}, output


def clips(folder):
    """The files and what is said in them."""
    if folder:
        folder = pathlib.Path(folder)
        lines = [line.split("\t") for line in (folder / "refs.tsv").read_text().splitlines()]
        named = [(folder / (name if "." in name else f"{name}.flac"), words) for name, _, words in lines if name != "file"]
        return named
    found = []
    for line in (LIBRIVOX / "transcription").read_text().splitlines():
        match = re.match(r"<s> (.*) </s> \((.*)\)", line)
        found.append((LIBRIVOX / f"{match[2]}.wav", match[1]))
    return found


class Bench:
    def __init__(self, options):
        self.options = options
        self.scratch = pathlib.Path(options.scratch)
        self.count = 0

    def joined(self, files):
        """One file of all clips, with pauses."""
        inputs = [part for path in files for part in ("-i", str(path))]
        pads = "".join(f"[{n}]aresample=16000,apad=pad_dur={PAUSE}[p{n}];" for n in range(len(files)))
        graph = pads + "".join(f"[p{n}]" for n in range(len(files))) + f"concat=n={len(files)}:v=0:a=1"
        path = self.scratch / "all.flac"
        subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", graph, str(path)], check=True)
        return path

    def ours(self, path, model, states):
        self.count += 1
        folder = self.scratch / f"heard-{self.count}"
        folder.mkdir()
        asked = {"language": "en", "model": model, "outputs": ["json"], "index": False}
        (folder / "input.json").write_text(json.dumps(asked))
        used, _ = run([self.options.transcribe, str(path), str(folder), str(folder / "input.json")],
                      TRANSCRIBE_STATES=str(states))
        transcript = json.loads((folder / "out/transcript.json").read_text())
        return used, transcript

    def peer(self, path, model):
        script = pathlib.Path(__file__).with_name("peer.py")
        used, output = run([self.options.peer, str(script), str(self.scratch / "weights" / model), str(path)],
                           OMP_NUM_THREADS="1")
        return used, json.loads(output)["text"]


def main():
    parser = argparse.ArgumentParser()
    for name in ("transcribe", "scratch", "peer", "speech", "long-hours"):
        parser.add_argument(f"--{name}", default="")
    options = parser.parse_args()
    bench = Bench(options)
    found = clips(options.speech)
    path = bench.joined([file for file, _ in found])
    reference = plain(" ".join(words for _, words in found))
    result = {"clips": len(found), "words": len(reference)}
    for model in ("tiny.en", "base"):
        used, transcript = bench.ours(path, model, 1)
        seconds = transcript["duration"]
        heard = plain(" ".join(segment["text"] for segment in transcript["segments"]))
        figures = {"wer": errors(reference, heard), "cpu_rtf": used["cpu_s"] / seconds, "peak_mib": used["peak_mib"]}
        two, _ = bench.ours(path, model, 2)
        figures["two_states"] = used["wall_s"] / two["wall_s"]
        if options.peer:
            used, text = bench.peer(path, model)
            figures["peer_wer"] = errors(reference, plain(text))
            figures["peer_cpu_rtf"] = used["cpu_s"] / seconds
            figures["peer_peak_mib"] = used["peak_mib"]
        result[model] = {name: round(value, 4) for name, value in figures.items()}
        print(model, result[model], flush=True)
    hours = float(options.long_hours or 0)
    if hours:
        times = max(1, int(hours * 3600 / seconds))
        long = bench.scratch / "long.flac"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-stream_loop", str(times), "-i", str(path), str(long)], check=True)
        used, transcript = bench.ours(long, "tiny.en", 2)
        result["long"] = {"hours": round(transcript["duration"] / 3600, 2), "peak_mib": round(used["peak_mib"]),
                          "cpu_rtf": round(used["cpu_s"] / transcript["duration"], 4)}
        print("long", result["long"], flush=True)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
