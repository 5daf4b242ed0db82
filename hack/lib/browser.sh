# shellcheck shell=bash
# A browser, and what drives it, for the tests of the console. Needs common.sh and packages.sh.

playwright_version=1.65.2

# browser_ensure: prints a Python that has Playwright; installs it from PyPI when it is missing. The browser is Debian's
# own Chromium, not one that Playwright would download.
browser_ensure() {
    local home=$repository/.build-tools/playwright-$playwright_version
    packages_ensure chromium fonts-dejavu-core python3-venv
    if [ ! -e "$home/complete" ]; then
        rm -rf -- "$home"
        python3 -m venv "$home" >&2
        "$home/bin/pip" install --quiet --disable-pip-version-check "playwright==$playwright_version" >&2 \
            || die "pip could not install playwright; the network is needed once"
        touch "$home/complete"
    fi
    printf '%s\n' "$home/bin/python"
}
