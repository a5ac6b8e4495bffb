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

    def made(self, name, *arguments):
        """A file by ffmpeg."""
        path = self.scratch / name
        subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments, str(path)], check=True)
        return path

    def joined(self, files):
        """One file of all clips, with pauses."""
        inputs = [part for path in files for part in ("-i", str(path))]
        pads = "".join(f"[{n}]aresample=16000,apad=pad_dur={PAUSE}[p{n}];" for n in range(len(files)))
        graph = pads + "".join(f"[p{n}]" for n in range(len(files))) + f"concat=n={len(files)}:v=0:a=1"
        return self.made("all.flac", *inputs, "-filter_complex", graph)

    def looped(self, path, seconds, hours):
        """The same again and again, for so many hours."""
        times = max(1, round(hours * 3600 / seconds) - 1)
        return self.made("long.flac", "-stream_loop", str(times), "-i", str(path))

    def command(self, path, model):
        """What hears a file, and the folder in which it leaves what it heard."""
        self.count += 1
        folder = self.scratch / f"heard-{self.count}"
        folder.mkdir()
        asked = {"language": "en", "model": model, "outputs": ["json"], "index": False}
        (folder / "input.json").write_text(json.dumps(asked))
        return [self.options.transcribe, str(path), str(folder), str(folder / "input.json")], folder

    def ours(self, path, model, states, **environment):
        command, folder = self.command(path, model)
        used, _ = run(command, TRANSCRIBE_STATES=str(states), **environment)
        transcript = json.loads((folder / "out/transcript.json").read_text())
        return {**used, "chunks": kept(folder)}, transcript

    def killed(self, path, model, chunks):
        """The first attempt is killed once it has kept so many chunks; the next one goes on."""
        command, folder = self.command(path, model)
        began = time.monotonic()
        child = subprocess.Popen(command, env={**os.environ, "TRANSCRIBE_STATES": "2"})
        first = None
        while (found := kept(folder)) < chunks:
            if child.poll() is not None:
                raise SystemExit("it was over before it could be killed")
            if found and first is None:
                first = time.monotonic() - began
            time.sleep(0.01)
        child.kill()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        lost = used.ru_utime + used.ru_stime
        found = kept(folder)
        checkpoints = self.scratch / "checkpoints"
        # What was reported is whole.
        numbers = range(1, found + 1)
        checkpoints.write_bytes(b"".join((folder / f"tmp/checkpoints/{n}").read_bytes() for n in numbers))
        used, transcript = self.ours(path, model, 2, TRANSCRIBE_KEPT=str(checkpoints))
        return first, found, {**used, "cpu_s": used["cpu_s"] + lost}, transcript

    def peer(self, path, model):
        script = pathlib.Path(__file__).with_name("peer.py")
        used, output = run([self.options.peer, str(script), str(self.scratch / "weights" / model), str(path)],
                           OMP_NUM_THREADS="1")
        return used, json.loads(output)["text"]


def kept(folder):
    """Checkpoints that an attempt has reported."""
    try:
        reports = (folder / "reports.jsonl").read_text()
    except FileNotFoundError:
        return 0
    return sum(1 for line in reports.splitlines() if '"event":"checkpoint"' in line)


def measure_model(bench, model, path, reference):
    """Errors, processor time and memory, with one state and with two, beside the other."""
    used, transcript = bench.ours(path, model, 1)
    seconds = transcript["duration"]
    heard = plain(" ".join(segment["text"] for segment in transcript["segments"]))
    figures = {"wer": errors(reference, heard), "cpu_rtf": used["cpu_s"] / seconds, "peak_mib": used["peak_mib"]}
    two, _ = bench.ours(path, model, 2)
    figures["two_states"] = used["wall_s"] / two["wall_s"]
    figures["two_states_cpu_rtf"] = two["cpu_s"] / seconds
    if bench.options.peer:
        used, text = bench.peer(path, model)
        figures["peer_wer"] = errors(reference, plain(text))
        figures["peer_cpu_rtf"] = used["cpu_s"] / seconds
        figures["peer_peak_mib"] = used["peak_mib"]
    return figures, transcript


def measure_kill(bench, path, whole):
    """What is heard twice when an attempt is killed half-way: by the processor time of both attempts, for what was heard and
    not kept is seen nowhere else. A second loading of the model and a second decoding are in it."""
    alone, _ = bench.ours(path, "tiny.en", 2)
    all_chunks = alone["chunks"]
    first, found, both, transcript = bench.killed(path, "tiny.en", max(2, all_chunks // 2))
    twice = both["cpu_s"] - alone["cpu_s"]
    return {"chunks": all_chunks, "first_kept_s": first, "kept": found, "heard_after": both["chunks"],
            "twice_cpu_s": twice, "twice_chunks": twice / (alone["cpu_s"] / all_chunks),
            "same": transcript["segments"] == whole["segments"]}


def measure_long(bench, path, seconds, hours, model):
    long = bench.looped(path, seconds, hours)
    used, transcript = bench.ours(long, model, 2)
    return {"hours": transcript["duration"] / 3600, "peak_mib": used["peak_mib"],
            "cpu_rtf": used["cpu_s"] / transcript["duration"]}


def measure_silence(bench, hours):
    path = bench.made("silence.flac", "-f", "lavfi", "-i", f"anullsrc=r=16000:cl=mono:d={hours * 3600}")
    used, transcript = bench.ours(path, "tiny.en", 2)
    return {"hours": transcript["duration"] / 3600, "words": len(transcript["segments"]), "cpu_s": used["cpu_s"],
            "peak_mib": used["peak_mib"], "warnings": [warning["code"] for warning in transcript["warnings"]]}


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser()
    for name in ("transcribe", "scratch", "peer", "speech", "long-hours", "silent-hours"):
        parser.add_argument(f"--{name}", default="")
    options = parser.parse_args()
    bench = Bench(options)
    found = clips(options.speech)
    path = bench.joined([file for file, _ in found])
    reference = plain(" ".join(words for _, words in found))
    result = {"clips": len(found), "words": len(reference)}

    def tell(name, figures):
        result[name] = rounded(figures)
        print(name, result[name], flush=True)

    transcripts = {}
    for model in ("tiny.en", "base"):
        figures, transcripts[model] = measure_model(bench, model, path, reference)
        tell(model, figures)
    whole = transcripts["tiny.en"]
    tell("killed", measure_kill(bench, path, whole))
    if hours := float(options.silent_hours or 0):
        tell("silence", measure_silence(bench, hours))
    if hours := float(options.long_hours or 0):
        for model in transcripts:
            tell(f"long_{model}", measure_long(bench, path, whole["duration"], hours, model))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
