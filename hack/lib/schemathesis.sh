# shellcheck shell=bash
# Schemathesis, which holds docs/openapi.yaml against the running daemon. Needs common.sh and packages.sh.

schemathesis_version=4.32.5

# schemathesis_ensure: prints the program's path; installs it from PyPI when it is missing.
schemathesis_ensure() {
    local home=$repository/.build-tools/schemathesis-$schemathesis_version
    if [ ! -e "$home/complete" ]; then
        packages_ensure python3-venv
        rm -rf -- "$home"
        python3 -m venv "$home" >&2
        "$home/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$schemathesis_version" >&2 \
            || die "pip could not install schemathesis; the network is needed once"
        touch "$home/complete"
    fi
    printf '%s\n' "$home/bin/schemathesis"
}
