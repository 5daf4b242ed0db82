# shellcheck shell=bash
# Prometheus and Alertmanager, which read the daemon's metrics and scale its functions in tests. Needs common.sh and
# packages.sh.

# prometheus_ensure: prints the directory of prometheus and promtool.
prometheus_ensure() {
    local program
    program=$(packages_unpacked prometheus prometheus) || return 1
    dirname "$program"
}

# alertmanager_ensure: prints the directory of the program, which Debian calls prometheus-alertmanager, and of amtool.
alertmanager_ensure() {
    local program
    program=$(packages_unpacked prometheus-alertmanager prometheus-alertmanager) || return 1
    dirname "$program"
}
