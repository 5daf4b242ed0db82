# shellcheck shell=bash
# Prometheus and promtool, which read the daemon's metrics in a test. Needs common.sh and packages.sh.

# prometheus_ensure: prints the directory of both programs. They are taken out of Debian's package without installing
# it, because that would start a service.
prometheus_ensure() {
    local home=$repository/.build-tools/prometheus deb
    if have prometheus promtool; then
        dirname "$(command -v prometheus)"
        return 0
    fi
    if [ ! -e "$home/complete" ]; then
        packages_index_ensure
        rm -rf -- "$home"
        mkdir -p "$home"
        # The download's user may not write here, and apt would warn of it.
        (cd "$home" && apt-get -qq -o APT::Sandbox::User=root download prometheus >&2) \
            || die "apt-get could not download prometheus; the network is needed once"
        deb=$(find "$home" -name '*.deb')
        dpkg-deb --extract "$deb" "$home/root"
        rm -f -- "$deb"
        touch "$home/complete"
    fi
    printf '%s\n' "$home/root/usr/bin"
}
