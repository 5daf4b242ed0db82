# shellcheck shell=bash
# A browser, and what drives it, for the tests of the console. Needs common.sh and packages.sh.

# browser_ensure: prints a Python that has Playwright. The browser is Debian's own Chromium, not one that Playwright would
# download.
browser_ensure() {
    packages_ensure chromium fonts-dejavu-core
    python_tool playwright 1.65.2 python
}
