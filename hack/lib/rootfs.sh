# shellcheck shell=bash
# Root file systems for images, made of the distribution's packages. Needs common.sh and packages.sh.
#
# No chroot, no postinst script, no debootstrap: apt works out what a package needs on an empty machine, and the
# archives are unpacked. That is all a language's runtime needs, it is small, and the host's own packages stay as
# they are.

# rootfs_create ROOT PACKAGE…: a root with busybox as its shell and tools, user app, and PACKAGE… with all they need.
rootfs_create() {
    local root=$1 archives archive
    shift
    archives=$(mktemp -d "${root%/}.debs.XXXXXX")
    rootfs_download "$archives" busybox-static "$@"
    rootfs_skeleton "$root"
    for archive in "$archives"/*.deb; do
        # Older packages carry ./lib/…, while lib is a link to usr/lib here.
        dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$root" --keep-directory-symlink
    done
    rm -rf -- "$archives"
    rootfs_busybox_links "$root"
    rootfs_certificates "$root"
    rootfs_strip "$root"
}

# apt with a state of its own, in which nothing is installed; indexes and sources are the machine's.
rootfs_download() {
    local archives=$1
    shift
    packages_index_ensure
    mkdir -p "$archives/partial" "$archives/state"
    : >"$archives/state/status"
    packages_apt_quietly -y --no-install-recommends --download-only \
        -o Dir::State="$archives/state" -o Dir::State::status="$archives/state/status" \
        -o Dir::State::Lists=/var/lib/apt/lists \
        -o Dir::Cache::archives="$archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
        -o APT::Sandbox::User=root \
        install "$@" || die "could not fetch packages for the image: $*"
}

rootfs_skeleton() {
    local root=$1 name
    mkdir -p "$root"/{dev,etc,home/app,proc,root,run,sys,tmp,usr,var}
    for name in bin sbin lib lib64; do
        mkdir -p "$root/usr/$name"
        ln -s "usr/$name" "$root/$name"
    done
    chmod 1777 "$root/tmp"
    chmod 700 "$root/root"
    printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'app:x:100:101:app:/home/app:/bin/sh' \
        'nobody:x:65534:65534:nobody:/nonexistent:/bin/false' >"$root/etc/passwd"
    printf '%s\n' 'root:x:0:' 'app:x:101:' 'nogroup:x:65534:' >"$root/etc/group"
    # Without it, libc asks DNS before /etc/hosts.
    echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
    chown 100:101 "$root/home/app"
}

# A link for each applet, unless a package brought the real program.
rootfs_busybox_links() {
    local root=$1 applet
    while read -r applet; do
        [ -e "$root/usr/bin/$applet" ] || [ -e "$root/usr/sbin/$applet" ] || [ "$applet" = busybox ] \
            || ln -s busybox "$root/usr/bin/$applet"
    done < <("$root/usr/bin/busybox" --list)
}

# What ca-certificates' postinst would do.
rootfs_certificates() {
    local root=$1 source=$1/usr/share/ca-certificates
    [ -d "$source" ] || return 0
    mkdir -p "$root/etc/ssl/certs"
    find "$source" -name '*.crt' | LC_ALL=C sort | xargs cat >"$root/etc/ssl/certs/ca-certificates.crt"
}

# What only a person at a terminal, or dpkg, would read.
rootfs_strip() {
    local root=$1
    rm -rf -- "$root"/usr/share/{doc,man,info,locale,lintian,bug,doc-base,bash-completion,perl5,ca-certificates} \
        "$root"/var/{lib,cache,log} "$root"/usr/include "$root"/usr/lib/{cgi-bin,mime,systemd}
    find "$root" -name __pycache__ -type d -prune -exec rm -rf {} +
    # Debian asks pip to keep away from packages that apt owns; in an image there is no apt.
    find "$root/usr/lib" -name EXTERNALLY-MANAGED -delete
    mkdir -p "$root"/var/{cache,lib,log}
}
