# shellcheck shell=bash
# A place of its own for the tests: mounts, network and processes that nobody else has, so that they neither see nor
# touch what runs on the machine, and what they leave behind is theirs for certain. Needs common.sh and processes.sh.

# The command that runs the rest of its line in new namespaces. When it dies, all in them dies.
# shellcheck disable=SC2034 # for hack/test
isolation=(unshare --mount --propagation private --net --pid --fork --kill-child --mount-proc)

# isolate_prepare DIR: called inside, first of all; DIR is for its own needs.
isolate_prepare() {
    local name
    ip link set lo up
    # sysfs shows the network of whoever mounted it; the control groups are mounted below it.
    mkdir -p "$1/cgroup" "$1/run"
    mount --rbind /sys/fs/cgroup "$1/cgroup"
    mount -t sysfs sysfs /sys
    mount --rbind "$1/cgroup" /sys/fs/cgroup
    umount --recursive --lazy "$1/cgroup"
    # A /run without the machine's containerd, network namespaces and locks. /etc/resolv.conf may be a link into it.
    mount --rbind /run "$1/run"
    mount -t tmpfs -o mode=755 tmpfs /run
    for name in systemd resolvconf NetworkManager; do
        [ -d "$1/run/$name" ] || continue
        mkdir "/run/$name"
        mount --rbind "$1/run/$name" "/run/$name"
    done
    umount --recursive --lazy "$1/run"
    # The first network namespace of a machine makes the folder a mount, which stays.
    ip netns add first
    ip netns delete first
}

# isolate_contents: everything in this place that could be left behind, one thing a line. To be called by PID 1 itself,
# not in a pipe: the processes are counted before it starts any of its own.
isolate_contents() {
    local entry
    local -a processes=(/proc/[0-9]*)
    for entry in "${processes[@]}"; do
        if [ "$entry" != /proc/1 ] && ! process_gone "${entry#/proc/}"; then
            printf 'process %s\n' "$(tr '\0' ' ' <"$entry/cmdline" 2>/dev/null)"
        fi
    done
    cut -d' ' -f5 /proc/self/mountinfo | sed 's/^/mount /'
    ip -o link show | sed 's/^[0-9]*: \([^:@]*\).*/link \1/'
    # Locks and TemporaryDirectory.* are what SwiftPM itself leaves behind.
    { find /run/netns /run/faasd /run/containerd /run/cni "$TMPDIR" -mindepth 1 2>/dev/null || true; } \
        | sed '/\/tmp\/[^/]*\.lock$/d; /\/TemporaryDirectory\./d; s/^/file /'
    { iptables-save 2>/dev/null || true; } | { grep -e '^-A' -e '^:.* - ' || true; } | sed 's/^/rule /; s/ \[.*//'
}
