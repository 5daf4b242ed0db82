"""Measures the same Python handler in worker mode and with an interpreter for each call, both under fwatchdog.

Called by hack/bench. It runs on this machine without containers: what is compared is the mode.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from measure import processes, ratio, run

HANDLER = "def handle(req):\n    return req\n"
FORK = "import sys\nfrom function import handler\nsys.stdout.write(handler.handle(sys.stdin.read()))\n"


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fwatchdog", required=True)
    parser.add_argument("--template", required=True, help="the worker of templates/template/python3")
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    return parser.parse_args()


def make_function(folder, template):
    os.mkdir(os.path.join(folder, "function"))
    for name, text in [("function/__init__.py", ""), ("function/handler.py", HANDLER), ("fork.py", FORK)]:
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    shutil.copy(template, os.path.join(folder, "index.py"))


def start(fwatchdog, folder, port, **variables):
    environment = {"PATH": os.environ["PATH"], "port": str(port), "metrics_port": "none", "suppress_lock": "true"}
    process = subprocess.Popen(
        [fwatchdog], cwd=folder, env=environment | variables, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data=b"hello"), timeout=5) as answer:
                if answer.read() == b"hello":
                    return process, url
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    process.kill()
    raise SystemExit(f"{variables} does not answer")


def main():
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as folder:
        make_function(folder, arguments.template)
        modes = {
            "interpreter for each call": start(
                arguments.fwatchdog, folder, 18091, mode="serializing", fprocess="python3 fork.py"),
            "worker": start(arguments.fwatchdog, folder, 18092, mode="worker", fprocess="python3 index.py"),
        }
        print("| Python `handle(req)` | connections | requests/s | to an interpreter for each | CPU µs | failed |")
        print("|---|---|---|---|---|---|")
        for connections in [1, 8]:
            samples = {name: [] for name in modes}
            for _ in range(arguments.rounds):
                for name, (process, url) in modes.items():
                    tree = processes(process.pid)
                    samples[name].append(run(url, connections, 5, arguments.seconds, tree, folder))
            for name, mine in samples.items():
                against = ratio(mine, samples["interpreter for each call"], "rate")
                print(f"| {name} | {connections} | {statistics.median(s['rate'] for s in mine):,.0f} | {against:.1f} "
                      f"| {statistics.median(s['cpu'] for s in mine):,.0f} | {sum(s['failed'] for s in mine)} |")
        for process, _ in modes.values():
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
