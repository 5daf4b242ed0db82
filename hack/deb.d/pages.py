"""Fills in the manual pages of docs/man: the version, and the settings from the table in docs/configuration.md.

usage: pages.py REPOSITORY VERSION DIRECTORY
"""

import pathlib
import re
import sys


def roff(text):
    """A cell of a Markdown table in roff."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text).replace("\\", r"\e").replace("-", r"\-")
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)
    # A line that begins so would be a request.
    return re.sub(r"^([.'])", r"\&\1", text)


def settings(page):
    entries = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 4 and cells[1].startswith("`FAASD_"):
            key, variable, default, meaning = map(roff, cells)
            entries.append(f".TP\n{key}, {variable}\n{meaning}.\nDefault: {default}.")
    if not entries:
        sys.exit("pages: docs/configuration.md has no table of settings")
    return "\n".join(entries)


def main():
    repository, version, directory = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    directory.mkdir(parents=True)
    table = settings((repository / "docs/configuration.md").read_text())
    for source in sorted((repository / "docs/man").iterdir()):
        text = source.read_text().replace("@VERSION@", version).replace("@SETTINGS@", table)
        (directory / source.name.removesuffix(".in")).write_text(text)


if __name__ == "__main__":
    main()
