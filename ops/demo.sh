#!/usr/bin/env bash
# From a bare Debian 12 to a video made of phone photos, to what a PDF, a scanned page and a recording say, and to a report on all
# of it: packages, Rust, build, models, server, jobs, downloads. The results lie in ./demo-output. Everything that was started is stopped again; run twice, it works twice.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
output=$PWD/demo-output

# Word splitting of the lists is meant.
# shellcheck disable=SC2086
ensure_packages $build_packages $run_packages $demo_packages
ensure_pdfium
ensure_rust

say "Building Esteira"
(cd "$repository" && cargo build --release --locked --bin esteira)
esteira=$(target_dir)/release/esteira
ensure_models "$esteira"

mkdir -p "$output"
began=$SECONDS
export ESTEIRA_DATA_DIR
ESTEIRA_DATA_DIR=$(mktemp -d "${TMPDIR:-/tmp}/esteira-demo.XXXXXX")
data_dir=$ESTEIRA_DATA_DIR
trap 'stop_server; rm -rf -- "$data_dir"' EXIT

say "Starting Postgres, S3, API and worker"
start_server env ESTEIRA_CONFIG="$repository/ops/prices.toml" "$esteira" up --listen 127.0.0.1:0 2>"$output/esteira.log"

say "Uploading photos, a clip and music"
photos=/usr/share/forensics-samples/original-files
put() { "$esteira" file put "$1"; }
tree=$(put $photos/pic1/IMG-20191006-WA0002.jpg)
city=$(put $photos/pic1/IMG_1054.JPG)
park=$(put $photos/pic2/IMG_20200608_111614.jpg)
floor=$(put $photos/pic2/IMG_20200124_231153.jpg)
clip=$(put $photos/movie1/VID_20191220_170832.mp4)
logo=$(put $photos/pic1/debian_logo.png)
music=$(put /usr/share/sonic-pi/samples/loop_safari.flac)

cat >"$output/job.json" <<JSON
{
  "output": {"width": 1280, "height": 720, "fps": 30, "crf": 21, "poster_at": 2.5},
  "merge": {"NAME": "Esteira"},
  "tracks": [
    {"clips": [
      {"type": "image", "source": "$tree", "length": 5,
       "motion": {"type": "zoom_in", "amount": 0.15}, "focus": {"x": 0.5, "y": 0.2}},
      {"type": "image", "source": "$city", "length": 5, "motion": {"type": "pan_up", "amount": 0.2},
       "transition": {"type": "fade", "duration": 1}},
      {"type": "image", "source": "$park", "length": 5, "motion": {"type": "zoom_out", "amount": 0.2},
       "transition": {"type": "slide_left", "duration": 0.8}},
      {"type": "video", "source": "$clip", "speed": 0.5, "volume": 0.4, "fit": "blur_pad",
       "transition": {"type": "circle", "duration": 0.8}},
      {"type": "image", "source": "$floor", "length": 5, "motion": {"type": "pan_right", "amount": 0.15},
       "transition": {"type": "fade_white", "duration": 0.8}, "transition_out": {"type": "fade_black", "duration": 1}}
    ]},
    {"clips": [
      {"type": "title", "text": "Um dia a dois 🐾", "start": 0.7, "length": 3.2, "position": "top",
       "fade_in": 0.5, "fade_out": 0.5}
    ]},
    {"clips": [
      {"type": "text", "text": "feito com {{NAME}}", "start": 0, "length": "end", "position": "top_right",
       "opacity": 0.75}
    ]},
    {"clips": [
      {"type": "image", "source": "$logo", "start": 14, "length": 4, "scale": 0.16, "fit": "contain",
       "position": "top_left", "offset": {"x": 0.02, "y": 0.03}, "fade_in": 0.4, "fade_out": 0.4}
    ]}
  ],
  "audio": {
    "music": {"source": "$music", "volume": 0.5, "fade_in": 1, "fade_out": 2},
    "narration": [
      {"text": "De manhã, debaixo da árvore, dois amigos brancos como a neve.", "voice": "pt-br", "start": 0.8},
      {"text": "A cidade acorda, e o metrô passa lá embaixo.", "voice": "pt-br", "start": 5.4},
      {"text": "No parque sobra sombra, e sobra folha para espalhar.", "voice": "pt-br", "start": 9.4},
      {"text": "E em casa, enfim, um descanso merecido.", "voice": "pt-br", "start": 14.6}
    ]
  },
  "captions": {
    "language": "pt-br",
    "cues": [
      {"start": 0.8, "end": 5.0, "text": "De manhã, debaixo da árvore, dois amigos brancos como a neve."},
      {"start": 5.4, "end": 8.8, "text": "A cidade acorda, e o metrô passa lá embaixo."},
      {"start": 9.4, "end": 13.4, "text": "No parque sobra sombra, e sobra folha para espalhar."},
      {"start": 14.6, "end": 18.0, "text": "E em casa, enfim, um descanso merecido."}
    ]
  }
}
JSON

say "Making the video"
job=$("$esteira" job submit --kind video.generate --input "$output/job.json" --wait)

say "Downloading"
for name in video.mp4 poster.jpg captions.vtt manifest.json; do
    "$esteira" artifact get "$job" "$name" -o "$output/$name"
done

say "Reading three pages of a PDF, and one more as a scan"
manual=/usr/share/debian-reference/debian-reference.pt.pdf
qpdf --empty --pages "$manual" 30-32 -- "$output/pages.pdf"
pdftoppm -r 200 -gray -png -singlefile -f 61 -l 61 "$manual" "$output/scan"
read_document() {
    "$esteira" job submit --kind document.extract --input - --wait <<JSON
{"source": "$(put "$1")", "languages": ["por", "eng"], "outputs": ["json", "md", "images", "searchable_pdf"],
 "images": {"width": 1000, "format": "png"}}
JSON
}
for name in pages scan; do
    case $name in pages) file=pages.pdf ;; scan) file=scan.png ;; esac
    document=$(read_document "$output/$file")
    "$esteira" artifact get "$document" document.md -o "$output/$name.md"
    "$esteira" artifact get "$document" pages/0001.png -o "$output/$name-1.png"
    "$esteira" artifact get "$document" searchable.pdf -o "$output/$name-searchable.pdf"
done
say "Writing down a reading of a novel, and subtitles for it"
clips=/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb
ffmpeg -v error -y -i $clips-0870.wav -i $clips-0880.wav -i $clips-0890.wav \
    -filter_complex '[0]apad=pad_dur=1[a];[1]apad=pad_dur=1[b];[a][b][2]concat=n=3:v=0:a=1' "$output/reading.mp3"
listened=$SECONDS
transcript=$("$esteira" job submit --kind media.transcribe --input - --wait <<JSON
{"source": "$(put "$output/reading.mp3")", "language": "en"}
JSON
)
listened=$((SECONDS - listened))
for name in transcript.json transcript.txt transcript.srt transcript.vtt; do
    "$esteira" artifact get "$transcript" "$name" -o "$output/$name"
done

say "Searching for an accented word without its accents"
"$esteira" search expressoes

say "Reporting what was done, as a schedule does it every night"
today=$(TZ=America/Sao_Paulo date +%F)
report() { # NAME REPORT LOCALE: makes a schedule of it, and runs that at once
    local schedule job
    schedule=$("$esteira" schedule create --name "$1" --cron '0 2 * * *' --timezone America/Sao_Paulo --kind report.generate \
        --input - --json <<JSON | sed -n 's/^ *"id": "\(.*\)",*$/\1/p' | head -n 1
{"report": "$2", "period": {"from": "$today", "to": "$today"}, "timezone": "America/Sao_Paulo", "locale": "$3",
 "formats": ["pdf", "xlsx", "html"], "branding": {"name": "Demonstração", "color": "#0f766e", "logo": "$logo"}}
JSON
    )
    job=$("$esteira" schedule run "$schedule" --json | sed -n 's/^ *"job_id": "\(.*\)",*$/\1/p')
    "$esteira" job watch "$job" >&2
    for format in pdf xlsx html; do "$esteira" artifact get "$job" "report.$format" -o "$output/$1.$format"; done
}
report uso usage pt-BR
report activity activity en-US
stop_server

say "What the documents say"
head -n 12 "$output/pages.md" "$output/scan.md"

say "What was said in $(ffprobe -v error -show_entries format=duration -of csv=p=0 "$output/reading.mp3") s, after $listened s"
cat "$output/transcript.vtt"

say "What came out"
ffprobe -v error -show_entries format=duration,size -of default=noprint_wrappers=1 "$output/video.mp4"
ffprobe -v error -show_entries stream=codec_type,codec_name,width,height,avg_frame_rate,sample_rate,nb_frames \
    -of compact=p=0 "$output/video.mp4"
ffmpeg -v error -y -i "$output/video.mp4" -vf "fps=1/1.5,scale=426:-2,tile=4x3:padding=4" -frames:v 1 -update 1 \
    "$output/frames.jpg"
pdftoppm -r 80 -png -singlefile "$output/uso.pdf" "$output/uso"
echo "run: $((SECONDS - began)) s"
echo "look at $output/video.mp4, and at its frames in $output/frames.jpg"
echo "look at $output/transcript.vtt beside $output/reading.mp3"
echo "look at $output/pages.md beside $output/pages-1.png, and at $output/scan.md beside $output/scan-1.png"
echo "look at $output/uso.pdf (its first page is $output/uso.png), uso.xlsx, uso.html and activity.pdf: the nightly reports"
