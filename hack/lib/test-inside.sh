#!/usr/bin/env bash
# The second half of hack/test, as PID 1 of a place of its own (isolate.sh): containerd, the tests, and then a look at
# what is left.
#
# usage: test-inside.sh SCRATCH [--filter PATTERN] [--skip PATTERN]       which tests, as for swift test
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=processes.sh
. "$repository/hack/lib/processes.sh"
# shellcheck source=containerd.sh
. "$repository/hack/lib/containerd.sh"
# shellcheck source=network.sh
. "$repository/hack/lib/network.sh"
# shellcheck source=isolate.sh
. "$repository/hack/lib/isolate.sh"

scratch=$1
shift
export TMPDIR=$scratch/tmp
FAASD_TEST_CONTAINERD=$(containerd_address "$scratch/containerd")
export FAASD_TEST_CONTAINERD
mkdir -p "$TMPDIR"
trap 'containerd_stop "$scratch/containerd"' EXIT

# containers_left: what the tests should have removed; containerd_stop would clear it up without a word.
containers_left() {
    local namespace name
    while read -r namespace; do
        ctr --address "$FAASD_TEST_CONTAINERD" --namespace "$namespace" containers list --quiet \
            | while read -r name; do printf 'container %s in %s\n' "$name" "$namespace"; done
        cgroup_directories "/$namespace" | while read -r name; do
            find "$name" -mindepth 1 -type d -printf 'cgroup %p\n'
        done
    done < <(ctr --address "$FAASD_TEST_CONTAINERD" namespaces list --quiet)
}

nothing_new() {
    isolate_contents >"$scratch/after"
    sort "$scratch/before" >"$scratch/before.sorted"
    sort "$scratch/after" | comm -13 "$scratch/before.sorted" - >"$scratch/left"
    [ ! -s "$scratch/left" ]
}

isolate_prepare "$scratch"
# Debian's Alertmanager does not start without its templates in this place, and may be unpacked elsewhere.
[ -e /usr/share/prometheus ] \
    || mount -t overlay -o "lowerdir=${FAASD_TEST_ALERTMANAGER%/bin}/share:/usr/share" overlay /usr/share
isolate_contents >"$scratch/before"
containerd_start "$scratch/containerd"

status=0
# One test at a time: many of them hold a thread while they wait for a process or a socket, and on two cores the
# others would miss their deadlines.
# The bundle by itself, because only one `swift test` runs in a package at a time.
cd "$repository"
NO_COLOR=1 "${FAASD_TEST_BINARY%/*}/faasdPackageTests.xctest" --testing-library swift-testing --no-parallel "$@" </dev/null 2>&1 \
    | tee "$scratch/output" || status=$?

left=$(containers_left)
containerd_stop "$scratch/containerd"
# Made by the CNI firewall plugin for all networks of a machine; the plugin never removes them.
firewall_chains_remove
# A shim or a watchdog may be on its last instructions.
wait_until 5 nothing_new || true
if [ -n "$left" ] || [ -s "$scratch/left" ]; then
    printf '%s\n' "$left" >>"$scratch/left"
    printf '\nleft behind by the tests (%d lines, the first 60):\n' "$(grep -c . "$scratch/left")"
    grep . "$scratch/left" | sort | head -n 60 || true
    # So that it stays the last thing to be read.
    grep -E 'Test run with|Executed [0-9]+ test' "$scratch/output" || true
    [ "$status" -ne 0 ] || status=1
fi
exit "$status"
