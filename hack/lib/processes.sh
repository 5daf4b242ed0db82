# shellcheck shell=bash
# Processes, mounts and cgroups: found by what they are, ended by their number.

# processes_with_argument PROGRAM ARGUMENT: numbers of the processes whose program's name starts with PROGRAM and
# which have ARGUMENT as a whole argument. /proc is read by hand: a pattern for pgrep would match too much.
processes_with_argument() {
    local entry program
    local -a arguments
    for entry in /proc/[0-9]*/cmdline; do
        mapfile -d '' -t arguments 2>/dev/null <"$entry" || continue
        [ "${#arguments[@]}" -gt 1 ] || continue
        program=${arguments[0]##*/}
        [[ $program == "$1"* ]] || continue
        local argument
        for argument in "${arguments[@]:1}"; do
            if [ "$argument" = "$2" ]; then
                entry=${entry%/cmdline}
                printf '%s\n' "${entry#/proc/}"
                break
            fi
        done
    done
}

# process_gone PID: it does not exist, or is dead and waits only for its parent to take note.
process_gone() {
    local state
    state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null || true)
    [ -z "$state" ] || [ "$state" = Z ]
}

process_children() { cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n' | sed '/^$/d'; }

# unmount_below DIR: every mount under DIR, the deepest first; a name with a space stands as \040 in the table.
unmount_below() {
    local target
    while read -r target; do
        umount -- "$target" 2>/dev/null || umount --lazy -- "$target" || say "cannot unmount $target"
    done < <(mounts_below "$1" | sort -r)
}

mounts_below() {
    local target
    while read -r _ _ _ _ target _; do
        printf -v target '%b' "$target"
        case $target in
            "$1" | "$1"/*) printf '%s\n' "$target" ;;
        esac
    done </proc/self/mountinfo
}

# cgroup_roots: one on cgroup v2, one a controller on v1.
cgroup_roots() {
    local root
    if [ -e /sys/fs/cgroup/cgroup.procs ]; then
        echo /sys/fs/cgroup
    else
        for root in /sys/fs/cgroup/*/cgroup.procs; do printf '%s\n' "${root%/cgroup.procs}"; done
    fi
}

# cgroup_directories PATH: PATH in each hierarchy that has it.
cgroup_directories() {
    local root
    while read -r root; do
        [ ! -d "$root$1" ] || printf '%s\n' "$root$1"
    done < <(cgroup_roots)
}

cgroup_thaw() {
    local directory
    while read -r directory; do
        [ ! -w "$directory/freezer.state" ] || echo THAWED >"$directory/freezer.state" || true
        [ ! -w "$directory/cgroup.freeze" ] || echo 0 >"$directory/cgroup.freeze" || true
    done < <(cgroup_directories "$1")
}

# cgroup_remove PATH: PATH and what is below it; a killed process needs a moment to leave its cgroup.
cgroup_remove() {
    local directory
    [ -n "$1" ] && [ "$1" != / ] || return 0
    while read -r directory; do
        wait_until 5 cgroup_remove_tree "$directory" || say "cgroup is still in use: $directory"
    done < <(cgroup_directories "$1")
}

cgroup_remove_if_empty() {
    local directory
    while read -r directory; do
        rmdir "$directory" 2>/dev/null || true
    done < <(cgroup_directories "$1")
}

cgroup_remove_tree() {
    [ -d "$1" ] || return 0
    find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
}
