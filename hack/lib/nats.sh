# shellcheck shell=bash
# nats-server, which keeps asynchronous calls in tests. Needs common.sh and packages.sh.

# nats_ensure: prints the path of the program. It is taken out of Debian's package without installing it, because that
# would start a service.
nats_ensure() {
    local home=$repository/.build-tools/nats deb
    if have nats-server; then
        command -v nats-server
        return 0
    fi
    if [ ! -e "$home/complete" ]; then
        packages_index_ensure
        rm -rf -- "$home"
        mkdir -p "$home"
        # The download's user may not write here, and apt would warn of it.
        (cd "$home" && apt-get -qq -o APT::Sandbox::User=root download nats-server >&2) \
            || die "apt-get could not download nats-server; the network is needed once"
        deb=$(find "$home" -name '*.deb')
        dpkg-deb --extract "$deb" "$home/root"
        rm -f -- "$deb"
        touch "$home/complete"
    fi
    printf '%s\n' "$home/root/usr/sbin/nats-server"
}
