# shellcheck shell=bash
# What every script in hack/ shares: where the repository is, how to speak, how to stop.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# A login shell finds Swift and the sbin tools; `sudo` with a short secure_path may not.
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH repository

# Progress goes to stderr, so that stdout stays what a caller may read.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

need_root() {
    [ "$(id -u)" -eq 0 ] || die "this makes containers and networks and must be root; try it with sudo"
}

# have COMMAND…: all of them are on the PATH.
have() {
    local command
    for command in "$@"; do
        command -v "$command" >/dev/null 2>&1 || return 1
    done
}

# wait_until SECONDS COMMAND…: runs COMMAND until it succeeds; fails when SECONDS have passed.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

# Absolute form of a path whose last part need not exist yet.
absolute() { realpath -m -- "$1"; }

# usage_of SCRIPT: the comment block at the head of a script is its help text.
usage_of() { sed -n '2,/^[^#]/ { /^#/ s/^# \{0,1\}//p }' "$1"; }
