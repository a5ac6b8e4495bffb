"""One recording by faster-whisper, with word times, on one thread and in eight bits."""

import json
import sys

from faster_whisper import WhisperModel

model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=1)
segments, _ = model.transcribe(sys.argv[2], language="en", beam_size=1, word_timestamps=True)
print(json.dumps({"text": " ".join(segment.text for segment in segments)}))
