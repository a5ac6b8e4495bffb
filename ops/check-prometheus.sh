#!/usr/bin/env bash
# Checks what Prometheus and Alertmanager are given: their own tools find no fault, each alert has a case in which it fires
# and one in which it does not, and a part of the runbook.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
ensure_packages prometheus prometheus-alertmanager
cd "$repository/ops"

promtool check config prometheus/prometheus.yml
amtool check-config prometheus/alertmanager.yml
promtool test rules prometheus/alerts.test.yml

# missing WHAT PATTERN FILE: tells of an alert that something is not there for it.
missing() { grep -qxF -- "$2" "$3" || { echo "$alert: no $1" >&2; wrong=1; }; }
wrong=0
for alert in $(sed -n 's/^ *- alert: //p' prometheus/alerts.rules.yml); do
    missing "case in which it fires" "  - name: $alert fires" prometheus/alerts.test.yml
    missing "case in which it does not fire" "  - name: $alert does not fire" prometheus/alerts.test.yml
    missing "part of the runbook" "### $alert" runbook.md
    missing "link to the runbook" \
        "          runbook_url: \"{{ \$externalLabels.runbook }}#${alert,,}\"" prometheus/alerts.rules.yml
done
[ "$wrong" = 0 ] || exit 1
echo "$(grep -c 'alert:' prometheus/alerts.rules.yml) alerts, each with two cases and a part of the runbook"
