# shellcheck shell=bash
# A machine with systemd as PID 1, in systemd-nspawn. Needs common.sh, packages.sh and processes.sh.
# DIR/base is the freshly installed root, kept; DIR/root is the machine, a copy of it.

vm_packages=(systemd systemd-sysv dbus containerd runc containernetworking-plugins iproute2 iptables curl
    ca-certificates procps libfaketime libsystemd0 libseccomp2 libsqlite3-0)

# vm_origin: mirror, suite and components the machine's own apt uses for its distribution, on one line.
vm_origin() {
    local id codename line
    # shellcheck disable=SC1091 # the machine's
    id=$(. /etc/os-release && printf '%s' "$ID")
    # shellcheck disable=SC1091
    codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
    packages_index_ensure
    # shellcheck disable=SC2016 # apt's own variables
    line=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(SUITE) $(CODENAME) $(COMPONENT)' \
        'Created-By: Packages' | awk -v id="$id" -v suite="$codename" \
        'tolower($1) == id && $4 == suite && $5 ~ /^(main|universe)$/ && $2 ~ /^(http|https|file):/ \
            && (uri == "" || uri == $2) && !seen[$5]++ { uri = $2; parts = parts (parts ? "," : "") $5 }
            END { if (parts) print uri, suite, parts }')
    [ -n "$line" ] || die "apt knows no plain mirror of $id $codename; debootstrap needs one"
    printf '%s\n' "$line"
}

# vm_base DIR: installs DIR/base when it is not there.
vm_base() {
    local dir=$1 mirror suite components include
    [ ! -d "$dir/base" ] || return 0
    packages_ensure debootstrap systemd-container
    read -r mirror suite components < <(vm_origin)
    include=$(IFS=, && printf '%s' "${vm_packages[*]}")
    say "installing $suite into $dir/base (a minute or two, once)"
    rm -rf -- "$dir/base.partial"
    mkdir -p "$dir"
    debootstrap --variant=minbase --components="$components" --include="$include" \
        "$suite" "$dir/base.partial" "$mirror" >"$dir/debootstrap.log" 2>&1 || {
        tail -n 20 "$dir/debootstrap.log" >&2
        die "debootstrap failed; its log is $dir/debootstrap.log"
    }
    rm -f "$dir"/base.partial/var/cache/apt/archives/*.deb
    : >"$dir/base.partial/etc/machine-id"
    echo vm >"$dir/base.partial/etc/hostname"
    mv "$dir/base.partial" "$dir/base"
}

# vm_copy DIR: makes DIR/root, the machine.
vm_copy() {
    local units=$1/root.partial/etc/systemd/system
    rm -rf -- "$1/root.partial"
    cp -a --reflink=auto "$1/base" "$1/root.partial"
    # nspawn mounts the controllers of cgroup v1 read-only; a machine's systemd and containerd own theirs.
    cat >"$units/writable-cgroups.service" <<'UNIT'
[Unit]
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'while read -r _ mount _; do case $mount in /sys/fs/cgroup*) echo "$mount"; esac; done \
    </proc/mounts | while read -r mount; do mount -o remount,rw,bind "$mount"; done'
UNIT
    mkdir -p "$units/sysinit.target.wants"
    ln -s ../writable-cgroups.service "$units/sysinit.target.wants/"
    mv "$1/root.partial" "$1/root"
}

# vm_name DIR: several machines may run side by side.
vm_name() { printf 'faasd-%s\n' "$(cksum <<<"$1" | cut -d' ' -f1)"; }

# vm_boot DIR: starts the machine in the background.
vm_boot() {
    local dir=$1
    local -a options=(--quiet --directory="$dir/root" --machine="$(vm_name "$dir")" --register=no --private-network
        --capability=all --system-call-filter='@keyring bpf' --console=pipe --boot)
    # A systemd outside gives the machine a scope of its own. Without one, the machine would share its control groups
    # with everything here, so it gets some first.
    (
        if [ "$(cat /proc/1/comm)" != systemd ]; then
            options+=(--keep-unit)
            vm_enter_cgroup "/$(vm_name "$dir")"
        fi
        exec setsid systemd-nspawn "${options[@]}"
    ) </dev/null >>"$dir/console.log" 2>&1 &
    vm_wait "$dir"
}

# vm_enter_cgroup PATH: moves this shell there, in every hierarchy.
vm_enter_cgroup() {
    local root file
    while read -r root; do
        mkdir -p "$root$1"
        # cpuset takes no process before it knows these.
        for file in cpuset.cpus cpuset.mems; do
            [ ! -e "$root/$file" ] || cat "$root/$file" >"$root$1/$file"
        done
        echo "$BASHPID" >"$root$1/cgroup.procs"
    done < <(cgroup_roots)
}

# vm_wait DIR: until systemd inside says that it has started everything.
vm_wait() {
    wait_until 60 vm_booted "$1" || {
        tail -n 20 "$1/console.log" >&2
        die "the machine did not come up within 60 s; see $1/console.log"
    }
}

vm_booted() {
    # "degraded": a unit that no container can run has failed, and all are done.
    case $(vm_exec "$1" systemctl is-system-running) in
        running | degraded) ;;
        *) return 1 ;;
    esac
}

# vm_leader DIR: the machine's PID 1, as the outside numbers it.
vm_leader() {
    local nspawn child
    nspawn=$(processes_with_argument systemd-nspawn "--directory=$1/root" | head -n 1)
    [ -n "$nspawn" ] || return 1
    while read -r child; do
        if grep -q '^NSpid:.*[[:space:]]1$' "/proc/$child/status" 2>/dev/null; then
            printf '%s\n' "$child"
            return 0
        fi
    done < <(process_children "$nspawn")
    return 1
}

# vm_exec DIR COMMAND…: as root inside, with the caller's stdin, stdout and stderr.
vm_exec() {
    local leader
    leader=$(vm_leader "$1") || return 125
    shift
    nsenter -t "$leader" -m -u -i -n -p -C -- env -i HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# vm_halt DIR: asks systemd inside to power off, and insists after a while.
vm_halt() {
    local nspawn leader
    nspawn=$(processes_with_argument systemd-nspawn "--directory=$1/root" | head -n 1)
    if [ -n "$nspawn" ]; then
        vm_exec "$1" systemctl poweroff >/dev/null 2>&1 || true
        if ! wait_until 30 process_gone "$nspawn"; then
            leader=$(vm_leader "$1" || true)
            kill -KILL "$nspawn" ${leader:+"$leader"} 2>/dev/null || true
        fi
    fi
    unmount_below "$1"
    cgroup_remove "/$(vm_name "$1")"
    # nspawn does not dare to remove it where /run is not a tmpfs.
    rm -rf -- "/run/systemd/nspawn/propagate/$(vm_name "$1")"
}
