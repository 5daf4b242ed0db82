# shellcheck shell=bash
# What there is in a machine of hack/vm, so that what an installation leaves behind can be seen. Needs vm.sh.

# listing DIR: everything that an installation could leave, one thing a line. What the system itself writes as it runs is
# left out: logs, caches, backups, and the states of systemd, apt and containerd.
listing() {
    # shellcheck disable=SC2016 # for the shell inside
    vm_exec "$1" sh -c '
        find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /var/log \
            -o -path /var/cache -o -path /var/backups -o -path /var/lib/systemd -o -path /var/lib/containerd \
            -o -path /var/lib/apt -o -path /var/lib/private -o -path /var/tmp -o -path /root \) -prune -o -printf "file %p %y\n"
        find /var/lib/containerd/io.containerd.content* -type f -printf "file %p %y\n"
        find /var/lib/containerd/io.containerd.runtime* -printf "file %p %y\n"
        find /var/lib/containerd/io.containerd.snapshotter*/snapshots -maxdepth 1 | wc -l | sed "s/^/snapshots /"
        find /run -path /run/systemd -prune -o -path /run/log -prune -o -path /run/udev -prune \
            -o -path "/run/user*" -prune -o -printf "run %p %y\n"
        find /run/systemd/system /run/systemd/transient /run/systemd/generator -printf "run %p %y\n" 2>/dev/null
        systemctl list-unit-files --no-legend --no-pager | awk "{ print \"unit\", \$1, \$2 }"
        systemctl list-units --all --plain --no-legend --no-pager "faasd*" | awk "{ print \"loaded\", \$1 }"
        ip -o link | awk "{ print \"link\", \$2 }"; ip -o -4 addr | awk "{ print \"address\", \$2, \$4 }"
        ip route | sed "s/^/route /"; ip netns list | sed "s/^/netns /"
        iptables-save | grep -v "^[#:]" | sed "s/^/rule /"; iptables-save | grep "^:" | sed "s/ \[.*//;s/^/chain /"
        awk "{ print \"mount\", \$2, \$3 }" /proc/self/mounts
        find /sys/fs/cgroup -type d -not -path "*/system.slice*" -not -path "*/init.scope*" -not -path "*/user.slice*" \
            -printf "cgroup %p\n"
        ctr namespaces list --quiet | sed "s/^/namespace /"
        awk -F: "{ print \"user\", \$1 }" /etc/passwd
    ' | sort
}
