# shellcheck shell=bash
# The daemons that hack/bench measures: `one`, and `many` with a long table of functions. Each has the function echo.

instance_port() { [ "$1" = one ] && printf '%s\n' "${FAASD_BENCH_PORT:-18080}" || printf '%s\n' "${FAASD_BENCH_PORT_MANY:-18082}"; }
instance_url() { printf 'http://127.0.0.1:%s\n' "$(instance_port "$1")"; }
instance_pid() { daemon_pid "$dir/$1/faasd.pid"; }

# instance_value NAME SETTING
instance_value() (
    # shellcheck disable=SC1090 # made by dev-up
    . "$dir/$1/settings"
    local name=FAASD_$2
    printf '%s\n' "${!name}"
)
instance_namespace() { printf '%sopenfaas-fn\n' "$(instance_value "$1" NAMESPACE_PREFIX)"; }

# Memory is taken back soon, so that it can be measured; functions that are called do not notice.
instance_up() { FAASD_IDLE_RECLAIM_AFTER=2s FAASD_LISTEN=127.0.0.1:$(instance_port "$1") "$repository/hack/dev-up" "$dir/$1" >/dev/null; }

instance_start() {
    instance_up "$1"
    mkdir -p "$dir/root"
    cp -- "$dir/echo" "$dir/root/echo"
    image_from "$1" "$dir/root" docker.io/faasd/echo:latest '["/echo"]'
    # It serves port 8080 by itself.
    instance_api "$1" POST /system/functions '{"service":"echo","image":"docker.io/faasd/echo:latest",
        "annotations":{"com.openfaas.watchdog":"image"}}'
    echo_serves "$1"
}

instance_stop() { [ ! -e "$dir/$1" ] || "$repository/hack/dev-down" "$dir/$1" >/dev/null || true; }

echo_serves() { wait_until 20 curl --silent --fail --noproxy '*' --output /dev/null "$(instance_url "$1")/function/echo"; }

# image_from INSTANCE ROOT NAME CMD_JSON
image_from() {
    oci_archive "$2" "$3" "$dir/image.tar" "$4"
    ctr --address "$(instance_value "$1" CONTAINERD_ADDRESS)" --namespace "$(instance_namespace "$1")" images import \
        "$dir/image.tar" >/dev/null
}

# handler_image ROOT NAME CMD_JSON: busybox and the echo, and what ROOT has already.
handler_image() {
    if [ ! -e "$1/bin" ]; then
        have busybox || packages_ensure busybox-static
        mkdir -p "$1/bin" "$1/tmp"
        chmod 1777 "$1/tmp"
        cp -- "$(command -v busybox)" "$1/bin/busybox"
        ln -s busybox "$1/bin/cat"
        cp -- "$dir/echo" "$1/echo"
        have musl-gcc || packages_ensure musl-tools
        musl-gcc -O2 -static -o "$1/cat" "$repository/hack/bench.d/cat.c"
    fi
    image_from one "$1" "docker.io/faasd/$2:latest" "$3"
}

# instance_api INSTANCE METHOD PATH BODY: fails unless the answer is 2xx.
instance_api() {
    curl --silent --show-error --fail --noproxy '*' --max-time 120 --request "$2" --config <(
        printf 'user = "admin:%s"\n' "$(cat "$(instance_value "$1" DATA_DIR)/secrets/basic-auth-password")"
    ) --data "$4" "$(instance_url "$1")$3"
}

# fill_table INSTANCE N: rows of functions without replicas, as a daemon would have after N deployments and a scale to 0.
fill_table() {
    daemon_stop "$dir/$1/faasd.pid"
    sqlite3 "$(instance_value "$1" DATA_DIR)/faasd.db" "
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2 - 1)
        INSERT INTO functions SELECT namespace, 'f' || i, generation, 0,
            json_set(deployment, '\$.service', 'f' || i), created_at, updated_at
        FROM functions, n WHERE name = 'echo';"
    instance_up "$1"
    echo_serves "$1"
}

replica_address() { sqlite3 "$(instance_value "$1" DATA_DIR)/faasd.db" "SELECT address FROM replicas WHERE name = 'echo'"; }

resident_megabytes() { awk '/^VmRSS:/ { printf "%.1f\n", $2 / 1024 }' "/proc/$1/status"; }

plugins_directory() {
    local directory
    for directory in /opt/cni/bin /usr/lib/cni; do
        [ ! -x "$directory/bridge" ] || { printf '%s\n' "$directory" && return 0; }
    done
    die "there is no CNI plugin \"bridge\" in /opt/cni/bin or /usr/lib/cni"
}
