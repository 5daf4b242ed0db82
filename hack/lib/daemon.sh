# shellcheck shell=bash
# A faasd in the background, where no systemd keeps it. Needs common.sh and processes.sh.
# Its settings are the variables FAASD_*, which the caller has exported.

# daemon_url: where the daemon of FAASD_LISTEN is reached from this machine.
daemon_url() {
    local listen=${FAASD_LISTEN:-127.0.0.1:8080}
    listen=${listen%%,*}
    case ${listen%:*} in
        '' | 0.0.0.0 | '[::]') listen=127.0.0.1:${listen##*:} ;;
    esac
    printf 'http://%s\n' "$listen"
}

daemon_healthy() { curl --silent --fail --max-time 2 --noproxy '*' --output /dev/null "$(daemon_url)/healthz"; }

# daemon_pid FILE: the number in it, when that process is still the daemon that was started.
daemon_pid() {
    local pid
    pid=$(cat "$1" 2>/dev/null) || return 1
    [[ $(readlink "/proc/$pid/exe" 2>/dev/null) == */faasd* ]] || return 1
    printf '%s\n' "$pid"
}

daemon_address_is_free() {
    if curl --silent --max-time 2 --noproxy '*' --output /dev/null "$(daemon_url)"; then
        die "something serves $(daemon_url) already; choose another address with FAASD_LISTEN=127.0.0.1:PORT"
    fi
}

# daemon_start BINARY PIDFILE LOG: starts it and waits until it serves.
daemon_start() {
    local binary=$1 pid_file=$2 log=$3 pid
    # A session of its own: neither Ctrl-C nor the end of the terminal is meant for it.
    setsid "$binary" up </dev/null >>"$log" 2>&1 &
    pid=$!
    printf '%s\n' "$pid" >"$pid_file"
    if ! wait_until 60 daemon_settled "$pid" || process_gone "$pid"; then
        tail -n 20 "$log" >&2
        die "faasd did not get ready; the end of $log is above"
    fi
}

daemon_settled() { process_gone "$1" || daemon_healthy; }

# daemon_stop PIDFILE: lets it finish its calls; the functions stay.
daemon_stop() {
    local pid
    if pid=$(daemon_pid "$1"); then
        kill -TERM "$pid" 2>/dev/null || true
        wait_until 75 process_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
        wait_until 10 process_gone "$pid" || say "faasd $pid does not end"
    fi
    rm -f -- "$1"
}
