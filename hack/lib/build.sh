# shellcheck shell=bash
# Swift: where it is, and the release binaries. Needs common.sh.

swift_minimum=6.2
# Both products with the same flags: other flags would compile again the modules they share.
# Exclusive access is proven by the compiler, and where it cannot be, watched at run time; the tests, which are debug
# builds, are. In a release that watch was a quarter of the instructions of a call (docs/decisions/0006).
release_flags=(-c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked)
release_directory=${repository:?}/.build/release

# swift_find: puts Swift on the PATH, or says how to get it.
swift_find() {
    local path version
    if ! have swift; then
        # sudo hides what the user's own shell finds, such as swiftly's ~/.local/share/swiftly/bin.
        path=$(runuser -l "${SUDO_USER:-root}" -c 'command -v swift' 2>/dev/null || true)
        [ -n "$path" ] || die "needs Swift $swift_minimum or newer in PATH; install it as https://www.swift.org/install/linux says"
        PATH=$PATH:$(dirname "$path")
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p')
    [ "$(printf '%s\n' "$swift_minimum" "${version:-0}" | sort -V | head -n 1)" = "$swift_minimum" ] \
        || die "needs Swift $swift_minimum or newer, but $(command -v swift) is ${version:-unknown}; see https://www.swift.org/install/linux"
}

# release_build: builds faasd and fwatchdog when a source is newer than they are.
release_build() {
    local stamp=$repository/.build/release.built
    release_is_current "$stamp" && return 0
    say "building (the first time takes several minutes)"
    mkdir -p "$repository/.build"
    # Of the time before the build: a file saved while it runs is not in it.
    touch "$stamp.next"
    swift build --package-path "$repository" "${release_flags[@]}" --product faasd >&2
    swift build --package-path "$repository" "${release_flags[@]}" --product fwatchdog >&2
    mv -f "$stamp.next" "$stamp"
    give_back "$repository/.build"
}

release_is_current() {
    local name
    local -a inputs=()
    [ -x "$release_directory/faasd" ] && [ -x "$release_directory/fwatchdog" ] && [ -e "$1" ] || return 1
    # What is compiled in: sources, and the files they embed.
    for name in Package.swift Package.resolved Sources console systemd templates deploy; do
        [ ! -e "$repository/$name" ] || inputs+=("$repository/$name")
    done
    [ -z "$(find "${inputs[@]}" -newer "$1" -print -quit)" ]
}

# give_back PATH…: what root made in a user's clone belongs to that user.
give_back() {
    local owner path
    owner=$(stat -c %u:%g "$repository")
    [ "$(id -u)" -eq 0 ] && [ "$owner" != 0:0 ] || return 0
    for path in "$@"; do
        [ ! -e "$path" ] || chown -R --no-dereference "$owner" -- "$path"
    done
}
