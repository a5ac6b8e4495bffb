#!/usr/bin/env bash
# How much CPU does a composition take, against the ffmpeg CLI doing the same in the same run?
#
# 10 s at 1280x720, 30 fps: three stills with Ken Burns, two transitions, a title, burned captions,
# music ducked under narration, loudness to -16 LUFS, x264 veryfast crf 23, AAC 128k, faststart.
# Runs both N times in turn, so that other load meets both; the last line is one JSON object.
#
# env: RUNS (5), RENDER (the runner; built in release if it is not given), FFMPEG_PEER (a script that
# reads IN and writes OUT; default: the one in ../shared beside the project, else the command below).
# Needs: ffmpeg, espeak-ng, time (/usr/bin/time), fonts-dejavu-core.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
RUNS=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export IN="$work/in"
mkdir -p "$IN"

for tool in ffmpeg espeak-ng /usr/bin/time; do
  command -v "$tool" >/dev/null || { echo "benches/video: $tool is missing (Debian: apt-get install ffmpeg espeak-ng time)" >&2; exit 1; }
done
if [ -z "${RENDER:-}" ]; then
  (cd "$root" && cargo build --release --quiet -p esteira-jobs --example render) >&2
  RENDER="${CARGO_TARGET_DIR:-$root/target}/release/examples/render"
fi

quiet() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@"; }

make_inputs() {
  quiet -f lavfi -i "mandelbrot=s=1920x1080:r=1:start_scale=0.6,format=rgb24" -frames:v 1 "$IN/a.png"
  quiet -f lavfi -i "testsrc2=s=1920x1080:r=1,format=rgb24" -frames:v 1 "$IN/b.png"
  quiet -f lavfi -i "gradients=s=1920x1080:r=1:seed=7:n=6,noise=alls=3:allf=u,format=rgb24" -frames:v 1 "$IN/c.png"
  quiet -f lavfi -i "aevalsrc='0.3*sin(2*PI*220*t)+0.2*sin(2*PI*330*t)|0.3*sin(2*PI*220*t)':s=48000:d=10" "$IN/music.wav"
  espeak-ng -v en-us -s 150 -w "$IN/voice.wav" "Welcome to the demo. Three pictures, two transitions, and one short narration over music."
  printf '1\n00:00:01,000 --> 00:00:03,000\nWelcome to the demo.\n\n2\n00:00:03,200 --> 00:00:06,200\nThree pictures, two transitions,\n\n3\n00:00:06,300 --> 00:00:09,000\nand one short narration over music.\n' > "$IN/caps.srt"
}

# The same composition as one filter graph; used where the peer's own script is not at hand.
own_peer() {
  local zoom="scale=1920:-2,zoompan=z='1+0.2*on/120':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2':d=120:s=1280x720:fps=30,setsar=1,format=yuv420p"
  local font=/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf
  exec ffmpeg -hide_banner -loglevel error -nostdin -y -i "$IN/a.png" -i "$IN/b.png" -i "$IN/c.png" -i "$IN/music.wav" -i "$IN/voice.wav" \
    -filter_complex "[0:v]$zoom[p];[1:v]$zoom[q];[2:v]$zoom[r];[p][q]xfade=transition=fade:duration=1:offset=3[s];[s][r]xfade=transition=wipeleft:duration=1:offset=6,drawtext=fontfile=$font:text='Hello from Esteira':fontsize=64:fontcolor=white:box=1:boxcolor=black@0.45:boxborderw=18:x=(w-tw)/2:y=h*0.15:enable='between(t,0.5,3.5)',subtitles=$IN/caps.srt[v];[4:a]aresample=48000,aformat=channel_layouts=stereo,adelay=1000:all=1,apad=whole_dur=10,asplit[k][n];[3:a]aformat=channel_layouts=stereo[m];[m][k]sidechaincompress=threshold=0.03:ratio=8:attack=20:release=400[d];[d][n]amix=duration=first:normalize=0,loudnorm=I=-16:TP=-1.5:LRA=11,aresample=48000,aformat=channel_layouts=stereo[a]" \
    -map '[v]' -map '[a]' -t 10 -r 30 -c:v libx264 -preset veryfast -crf 23 -pix_fmt yuv420p -g 60 -c:a aac -b:a 128k -movflags +faststart "$OUT"
}

peer_script=${FFMPEG_PEER:-}
for beside in "$root/../shared" "$root/../../shared"; do
  [ -z "$peer_script" ] && [ -x "$beside/peers/video/ffmpeg_cli.sh" ] && peer_script="$beside/peers/video/ffmpeg_cli.sh"
done
if [ -n "$peer_script" ]; then
  "$(dirname "$peer_script")/gen_inputs.sh"
else
  make_inputs
  export -f own_peer
fi

# cpu seconds and peak KiB of a command go to a file, one line a run.
measured() { local into=$1; shift; /usr/bin/time -a -o "$into" -f '%U %S %M' "$@" >/dev/null 2>"$work/err" || { cat "$work/err" >&2; exit 1; }; }

ours() {
  local id=upload://00000000-0000-7000-8000-00000000000
  measured "$work/ours" "$RENDER" "$here/job.json" --file "${id}a=$IN/a.png" --file "${id}b=$IN/b.png" --file "${id}c=$IN/c.png" \
    --file "${id}d=$IN/music.wav" --file "${id}e=$IN/voice.wav" --file "${id}f=$IN/caps.srt" --out "$work/job" --threads "$(nproc)"
}
peer() {
  export OUT="$work/peer.mp4"
  if [ -n "$peer_script" ]; then measured "$work/peer" "$peer_script"; else measured "$work/peer" bash -c own_peer; fi
}

for run in $(seq "$RUNS"); do
  ours
  peer
  echo "run $run: esteira $(tail -1 "$work/ours" | awk '{printf "%.2f cpu s, %.0f MiB", $1+$2, $3/1024}'), ffmpeg $(tail -1 "$work/peer" | awk '{printf "%.2f cpu s, %.0f MiB", $1+$2, $3/1024}')"
done

median() { awk '{print $1+$2}' "$1" | sort -n | awk '{a[NR]=$1} END {print (NR%2) ? a[(NR+1)/2] : (a[NR/2]+a[NR/2+1])/2}'; }
peak() { awk '{if ($3>m) m=$3} END {printf "%.0f", m/1024}' "$1"; }
frames=$(ffprobe -v error -select_streams v -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$work/job/out/video.mp4")
awk -v ours="$(median "$work/ours")" -v peer="$(median "$work/peer")" -v peak="$(peak "$work/ours")" -v peer_peak="$(peak "$work/peer")" -v runs="$RUNS" -v frames="$frames" \
  'BEGIN {printf "{\"bench\":\"video\",\"runs\":%d,\"frames\":%d,\"cpu_seconds\":%.2f,\"peer_cpu_seconds\":%.2f,\"cpu_ratio\":%.3f,\"peak_mib\":%d,\"peer_peak_mib\":%d}\n", runs, frames, ours, peer, ours/peer, peak, peer_peak}'
