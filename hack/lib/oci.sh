# shellcheck shell=bash
# Writes an OCI image archive (image-spec: image-layout, manifest, config) with tar and sha256sum alone.

# oci_archive ROOT NAME FILE CMD_JSON [USER]: one layer made of the folder ROOT, as an archive for
# `ctr images import` or `skopeo copy oci-archive:`. Time zero and sorted names: equal content, equal digest.
oci_archive() {
    local root=$1 name=$2 file=$3 command=$4 user=${5:-} layout layer config manifest
    layout=$(mktemp -d "$file.layout.XXXXXX")
    mkdir -p "$layout/blobs/sha256"
    oci_tar "$root" "$layout/layer"
    layer=$(oci_blob "$layout" "$layout/layer" application/vnd.oci.image.layer.v1.tar)
    oci_config "$(oci_digest "$layer")" "$command" "$user" >"$layout/config"
    config=$(oci_blob "$layout" "$layout/config" application/vnd.oci.image.config.v1+json)
    printf '{"schemaVersion":2,"mediaType":"%s","config":{%s},"layers":[{%s}]}' \
        application/vnd.oci.image.manifest.v1+json "$config" "$layer" >"$layout/manifest"
    manifest=$(oci_blob "$layout" "$layout/manifest" application/vnd.oci.image.manifest.v1+json)
    # containerd takes the name from the first annotation, everyone else the tag from the second.
    printf '{"schemaVersion":2,"manifests":[{%s,"annotations":{"%s":"%s","%s":"%s"}}]}' "$manifest" \
        io.containerd.image.name "$name" org.opencontainers.image.ref.name "${name##*:}" >"$layout/index.json"
    printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
    oci_tar "$layout" "$file.partial"
    rm -rf -- "$layout"
    # Renamed when whole, so that an interrupted run leaves no archive that looks finished.
    mv -f -- "$file.partial" "$file"
}

# The layer is not compressed: it is read back on this machine a second later.
oci_tar() {
    LC_ALL=C tar -c -C "$1" --sort=name --mtime=@0 --numeric-owner --format=posix \
        --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime -f "$2" .
}

# oci_blob LAYOUT FILE MEDIA_TYPE: moves FILE among the blobs, prints the members of its descriptor.
oci_blob() {
    local digest size
    digest=$(sha256sum <"$2")
    digest=${digest%% *}
    size=$(stat -c %s "$2")
    mv -- "$2" "$1/blobs/sha256/$digest"
    printf '"mediaType":"%s","digest":"sha256:%s","size":%s' "$3" "$digest" "$size"
}

oci_digest() {
    local digest=${1#*\"digest\":\"}
    printf "%s" "${digest%%\"*}"
}

oci_config() {
    local architecture
    architecture=$(dpkg --print-architecture)
    # Go's names, which OCI uses, and Debian's are the same but for 32-bit ARM.
    [ "$architecture" != armhf ] || architecture=arm
    cat <<CONFIG
{"created":"1970-01-01T00:00:00Z","architecture":"$architecture","os":"linux","config":{"User":"$3",
"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","HOME=/home/app"],
"Cmd":$2,"WorkingDir":"/home/app"},"rootfs":{"type":"layers","diff_ids":["$1"]},
"history":[{"created":"1970-01-01T00:00:00Z","created_by":"faasd hack/"}]}
CONFIG
}
