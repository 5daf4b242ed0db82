# shellcheck shell=bash
# A whole faasd under one directory, beside any other: names and addresses follow from the directory's name.
# Needs common.sh and network.sh.

# instance_settings DIR: chooses the settings of a new instance and prints them as a shell reads them.
instance_settings() {
    local dir=$1 number tag
    number=$(cksum <<<"$dir" | cut -d' ' -f1)
    tag=$(printf 'fd%08x' "$number")
    # A bridge's name has room for 15 characters, a namespace prefix for 12.
    instance_setting DATA_DIR "$dir/data"
    instance_setting RUN_DIR "$dir/run"
    # A later dev-up may choose another address.
    # shellcheck disable=SC2016 # for whoever reads the settings
    printf 'export FAASD_LISTEN=${FAASD_LISTEN:-%q}\n' "${FAASD_LISTEN:-127.0.0.1:8080}"
    instance_setting CONTAINERD_ADDRESS "$dir/containerd/containerd.sock"
    instance_setting NAMESPACE_PREFIX "$tag-"
    instance_setting BRIDGE "$tag"
    instance_setting NETWORK "$tag-net"
    instance_setting SUBNET "$(subnet_choose "$number")"
    instance_setting CNI_CONFIG_DIR "$dir/cni"
    instance_setting CNI_DATA_DIR "$dir/run/cni"
}

instance_setting() { printf 'export FAASD_%s=%q\n' "$1" "$2"; }

# instance_binary: the faasd to run: FAASD_BINARY, or the release build.
instance_binary() { printf '%s\n' "${FAASD_BINARY:-$repository/.build/release/faasd}"; }

# instance_down DIR: daemon, functions, network, containerd and files.
instance_down() {
    local dir=$1 binary
    binary=$(instance_binary)
    daemon_stop "$dir/faasd.pid"
    if [ -x "$binary" ] && containerd_usable "$FAASD_CONTAINERD_ADDRESS"; then
        "$binary" down >>"$dir/faasd.log" 2>&1 || say "faasd down failed, going on without it: $(tail -n 1 "$dir/faasd.log")"
    fi
    containerd_stop "$dir/containerd"
    network_remove "$FAASD_BRIDGE" "$FAASD_NETWORK" "$FAASD_SUBNET"
    firewall_chains_remove
    unmount_below "$dir"
    rm -rf --one-file-system -- "$dir"
}
