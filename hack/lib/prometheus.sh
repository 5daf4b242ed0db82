# shellcheck shell=bash
# Prometheus and Alertmanager, which read the daemon's metrics and scale its functions in tests. Needs common.sh and
# packages.sh.

# prometheus_ensure: prints the directory of prometheus and promtool.
prometheus_ensure() { unpacked_ensure prometheus prometheus; }

# alertmanager_ensure: prints the directory of the program, which Debian calls prometheus-alertmanager, and of amtool.
alertmanager_ensure() { unpacked_ensure prometheus-alertmanager prometheus-alertmanager; }

# unpacked_ensure PACKAGE PROGRAM: prints the directory of a program. It is taken out of Debian's package without
# installing it, because that would start a service.
unpacked_ensure() {
    local home=$repository/.build-tools/$1 deb
    if have "$2"; then
        dirname "$(command -v "$2")"
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
    printf '%s\n' "$home/root/usr/bin"
}
