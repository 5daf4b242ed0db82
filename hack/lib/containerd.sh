# shellcheck shell=bash
# A containerd of our own: everything it has lies under one directory, and stopping it leaves nothing of it.
# Needs common.sh.

# containerd_usable ADDRESS: a daemon answers there.
containerd_usable() {
    [ -S "$1" ] && timeout 10 ctr --address "$1" --connect-timeout 3s version >/dev/null 2>&1
}

containerd_address() { printf '%s/containerd.sock\n' "$(absolute "$1")"; }

# containerd_start DIR: starts it, waits until it answers. Does nothing when it runs already.
containerd_start() {
    local dir address pid
    dir=$(absolute "$1")
    address=$(containerd_address "$dir")
    containerd_usable "$address" && return 0
    # The kernel allows 107 bytes for a Unix socket's path, and the daemon's ttrpc socket adds six.
    [ "${#address}" -le 100 ] || die "the directory's name is too long for a socket: $dir"
    mkdir -p "$dir"
    containerd_config "$dir" "$address" >"$dir/config.toml"
    # A session of its own: the caller's Ctrl-C must not take the containers' daemon along.
    setsid containerd --config "$dir/config.toml" </dev/null >>"$dir/containerd.log" 2>&1 &
    pid=$!
    printf '%s\n' "$pid" >"$dir/containerd.pid"
    wait_until 30 containerd_usable "$address" || {
        tail -n 20 "$dir/containerd.log" >&2
        containerd_stop "$dir"
        die "containerd did not answer on $address within 30 s; the end of its log is above"
    }
}

# The plugins left out either write outside of DIR (nri, cri) or only warn about file systems that are not there.
containerd_config() {
    cat <<CONFIG
version = 2
root = "$1/root"
state = "$1/state"
disabled_plugins = [
    "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime",
    "io.containerd.nri.v1.nri", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
    "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
    "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs",
]
[grpc]
    address = "$2"
[plugins."io.containerd.internal.v1.opt"]
    path = "$1/opt"
CONFIG
}

# containerd_stop DIR: ends the daemon, its containers and its shims; removes mounts, cgroups and DIR.
# The daemon goes first, so that nothing it does races with the rest; so this also clears up after one that was killed.
containerd_stop() {
    local dir bundle namespace
    dir=$(absolute "$1")
    [ "$dir" != / ] || die "refusing to clear /"
    containerd_stop_daemon "$dir"
    for bundle in "$dir"/state/io.containerd.runtime.v2.task/*/*/; do
        [ -d "$bundle" ] || continue
        containerd_destroy_container "${bundle%/}"
    done
    containerd_kill_shims "$dir"
    for namespace in "$dir"/state/io.containerd.runtime.v2.task/*/; do
        [ -d "$namespace" ] || continue
        containerd_forget_namespace "$(basename "$namespace")"
    done
    unmount_below "$dir"
    rm -rf --one-file-system -- "$dir"
    # Shared by every containerd of the machine, so only when nobody's is left.
    rmdir /run/containerd/{s,fifo,runc} /run/containerd 2>/dev/null || true
}

containerd_stop_daemon() {
    local pid
    while read -r pid; do
        kill -TERM "$pid" 2>/dev/null || continue
        wait_until 10 process_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
        wait_until 10 process_gone "$pid" || say "containerd $pid does not end"
    done < <(processes_with_argument containerd "$1/config.toml")
}

# containerd_destroy_container BUNDLE: kills what runs in it and removes what its runtime keeps outside of the bundle.
containerd_destroy_container() {
    local bundle=$1 id namespace cgroup socket
    id=${bundle##*/}
    namespace=${bundle%/*}
    namespace=${namespace##*/}
    cgroup=$(sed -n 's/.*"cgroupsPath":"\(\/[^"]*\)".*/\1/p' "$bundle/config.json" 2>/dev/null || true)
    # A frozen process does not die of a signal before it is thawed.
    [ -z "$cgroup" ] || cgroup_thaw "$cgroup"
    runc --root "/run/containerd/runc/$namespace" delete --force "$id" >/dev/null 2>&1 || true
    socket=$(cat "$bundle/address" 2>/dev/null || true)
    case ${socket#unix://} in
        /run/containerd/s/*) rm -f -- "${socket#unix://}" ;;
    esac
    [ -z "$cgroup" ] || cgroup_remove "$cgroup"
}

# containerd_forget_namespace NAME: a namespace's folders outlive its last container. They are shared with any other
# containerd's namespace of that name, so they go only when they are empty.
containerd_forget_namespace() {
    rmdir "/run/containerd/runc/$1" 2>/dev/null || true
    cgroup_remove_if_empty "/$1"
}

containerd_kill_shims() {
    local pid child
    local -a fifos
    while read -r pid; do
        mapfile -t fifos < <(containerd_fifos "$pid")
        # What a shim adopted (the container's init, a log collector) would go to PID 1 when the shim is gone.
        while read -r child; do
            kill -KILL "$child" 2>/dev/null || true
        done < <(process_children "$pid")
        kill -KILL "$pid" 2>/dev/null || true
        wait_until 10 process_gone "$pid" || say "shim $pid does not end"
        [ "${#fifos[@]}" -eq 0 ] || rm -rf -- "${fifos[@]}"
    done < <(processes_with_argument containerd-shim "$(containerd_address "$1")")
}

# containerd_fifos PID: the folders of a shim's pipes. `ctr run --detach` leaves them in a place all daemons share,
# under numbers that say nothing; the shim's open files tell which are its.
containerd_fifos() {
    find "/proc/$1/fd" -lname '/run/containerd/fifo/*' -printf '%l\n' 2>/dev/null \
        | sed -n 's|^\(/run/containerd/fifo/[0-9]\{1,\}\)/.*|\1|p' | sort -u
}
