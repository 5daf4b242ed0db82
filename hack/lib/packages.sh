# shellcheck shell=bash
# The distribution's packages: only what is missing, and silence when nothing is.

package_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# packages_missing NAME…: prints those that are not installed.
packages_missing() {
    local name
    for name in "$@"; do
        package_installed "$name" || printf '%s\n' "$name"
    done
}

# packages_ensure NAME…: installs those that are missing.
packages_ensure() {
    local -a missing
    mapfile -t missing < <(packages_missing "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    have apt-get || die "needs Debian or Ubuntu (apt-get); install by hand: ${missing[*]}"
    need_root
    say "installing ${missing[*]}"
    packages_index_refresh
    packages_apt_quietly install -y --no-install-recommends "${missing[@]}" \
        || die "apt-get could not install ${missing[*]}; its words are above"
}

# An index of some days ago names files that the mirror has replaced since.
packages_index_refresh() {
    packages_apt_quietly update || die "apt-get update failed; check the network and /etc/apt/sources.list*"
}

# packages_index_ensure: there is an index at all (a container's image often comes without).
packages_index_ensure() {
    compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || packages_index_refresh
}

# apt-get without questions or chatter; what it printed is shown when it fails.
packages_apt_quietly() {
    local output
    if ! output=$(DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -qq "$@" \
        </dev/null 2>&1); then
        printf '%s\n' "$output" >&2
        return 1
    fi
}

# packages_unpacked PACKAGE PROGRAM: prints the path of a program. Where it is not installed it is taken out of Debian's
# package without installing that, because it would start a service.
packages_unpacked() {
    local home=${repository:?}/.build-tools/$1 deb
    if have "$2"; then
        command -v "$2"
        return 0
    fi
    if [ ! -e "$home/complete" ]; then
        packages_index_ensure
        rm -rf -- "$home"
        mkdir -p "$home"
        # The download's user may not write here, and apt would warn of it.
        (cd "$home" && apt-get -qq -o APT::Sandbox::User=root download "$1" >&2) \
            || die "apt-get could not download $1; the network is needed once"
        deb=$(find "$home" -name '*.deb')
        dpkg-deb --extract "$deb" "$home/root"
        rm -f -- "$deb"
        touch "$home/complete"
    fi
    find "$home/root/usr" -type f -name "$2" -path '*bin/*'
}

# python_tool PACKAGE VERSION PROGRAM: prints the path of a program in a Python environment with a package of PyPI's.
python_tool() {
    local home=${repository:?}/.build-tools/$1-$2
    if [ ! -e "$home/complete" ]; then
        packages_ensure python3-venv
        rm -rf -- "$home"
        python3 -m venv "$home" >&2
        "$home/bin/pip" install --quiet --disable-pip-version-check "$1==$2" >&2 \
            || die "pip could not install $1; the network is needed once"
        touch "$home/complete"
    fi
    printf '%s\n' "$home/bin/$3"
}
