#!/usr/bin/env python3
"""A real browser does in the console what a person does, against a daemon that runs.

usage: console.py URL PASSWORD-FILE OUT-DIRECTORY ASKS-FILE [STEP…]

The daemon must have the image docker.io/faasd/busybox:latest, and no function. Screenshots are put into OUT-DIRECTORY.
The last line counts what was wrong; so does the exit status.
"""

import pathlib
import sys
import time
import traceback

import hostile
import looks
import work
from harness import Console

STEPS = [
    work.login, work.deploy, work.invoke, work.logs, work.scale, work.charts, work.later, work.edit, work.secrets,
    hostile.text, hostile.function_page, hostile.other_sites, looks.crash, looks.shots, looks.keys, looks.many,
    work.restart, work.remove,
]


def main():
    url, password_file, out, asks, *only = sys.argv[1:]
    console = Console(url, pathlib.Path(password_file).read_text().strip(), out, asks)
    try:
        for step in STEPS:
            if only and step.__name__ not in only:
                continue
            begun = time.monotonic()
            try:
                step(console)
            except Exception:
                console.check(False, f"{step.__name__} stopped: {traceback.format_exc(limit=-2)}{console.complaints[-5:]}")
                console.shoot_all(step.__name__)
            print(f"{step.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
        console.check(not console.elsewhere, f"requests went elsewhere: {console.elsewhere}")
        policy = [text for text in console.complaints if "Security Policy" in text or "Trusted" in text]
        console.check(not policy, f"the browser complained: {policy}")
    finally:
        console.close()
    print(f"{len(console.problems)} problems")
    sys.exit(min(len(console.problems), 99))


main()
