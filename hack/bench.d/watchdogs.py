"""Measures watchdogs side by side: the same handler in the same container limits, called directly.

Called by hack/bench. Each watchdog is a function of its own in the running daemon; faasd's is injected, the others are
in their images. A watchdog that does not answer in a mode has none.
"""

import argparse
import collections
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from gateway import Gateway
from measure import processes, ratio, resident_megabytes, run

LIMITS = {"memory": "256Mi"}

# Handler, its variables, the connections to call it with, and how long the body is. OpenFaaS's of-watchdog sends bodies on
# in chunks, which the echo does not read.
Mode = collections.namedtuple("Mode", "name environment connections body")
MODES = [
    # busybox' cat needs glibc's start, which is the larger part of such a call; a C program without it is what a
    # process costs at least.
    Mode("fork", {"fprocess": "/bin/cat"}, [1, 8], 5),
    Mode("fork-small", {"fprocess": "/cat"}, [1, 8], 5),
    Mode("http", {"mode": "http", "fprocess": "/echo 8082", "upstream_url": "http://127.0.0.1:8082"}, [1, 32], 0),
]


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--containerd", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--database", required=True)
    # NAME|IMAGE: a watchdog that is in the image.
    parser.add_argument("peers", nargs="*")
    return parser.parse_args()


def query(database, sql):
    return subprocess.run(["sqlite3", database, sql], capture_output=True, text=True, check=True).stdout.strip()


def process_of(arguments, container):
    listed = subprocess.run(
        ["ctr", "--address", arguments.containerd, "--namespace", arguments.namespace, "tasks", "list"],
        capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        fields = line.split()
        if fields and fields[0] == container:
            return int(fields[1])
    raise SystemExit(f"{container} does not run")


def answers(url, body):
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data=body or None), timeout=2) as answer:
                if answer.read() == body:
                    return True
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    return False


def start(gateway, arguments, mode, name, image):
    """A function of one watchdog in one mode; its address and process, or nothing."""
    function = f"bench-{mode.name}-{name}"
    environment = dict(mode.environment)
    deployment = {"service": function, "image": image, "envVars": environment, "limits": LIMITS}
    if name == "fwatchdog":
        deployment["annotations"] = {"com.openfaas.watchdog": "inject"}
        deployment["envProcess"] = environment.pop("fprocess")
    else:
        deployment["annotations"] = {"com.openfaas.watchdog": "image"}
    gateway.must("POST", "/system/functions", deployment)
    row = query(arguments.database, f"SELECT id, address FROM replicas WHERE name = '{function}'")
    container, address = row.split("|")
    url = f"http://{address}:8080/"
    if not answers(url, b"x" * mode.body):
        return None
    return url, process_of(arguments, container)


def report(mode, results, idle, direct):
    for connections in mode.connections:
        ours = results["fwatchdog", connections]
        for name, _ in idle.items():
            mine = results[name, connections]
            against = "" if name == "fwatchdog" else f"{ratio(ours, mine, 'rate'):.2f}"
            memory = "" if name == "fwatchdog" else f"{idle['fwatchdog'] / idle[name]:.2f}"
            extra = share = ""
            if direct:
                plain = direct[connections]
                extra = f"{statistics.median(a['p50'] - b['p50'] for a, b in zip(mine, plain)):,.0f}"
                share = f"{ratio(mine, plain, 'rate'):.2f}"
            print(f"| {mode.name} | {connections} | {name} | {statistics.median(s['rate'] for s in mine):,.0f} "
                  f"| {against} | {extra} | {share} | {statistics.median(s['cpu'] for s in mine):,.0f} "
                  f"| {idle[name]:.1f} | {memory} | {sum(s['failed'] for s in mine)} |")


def measure(gateway, arguments, mode, folder):
    watchdogs = [("fwatchdog", "docker.io/faasd/bench-handler:latest")] + [tuple(p.split("|")) for p in arguments.peers]
    running = {}
    for name, image in watchdogs:
        found = start(gateway, arguments, mode, name, image)
        if found:
            running[name] = found
        else:
            print(f"{name} does not answer in mode {mode.name}", file=sys.stderr)
    idle = {name: resident_megabytes([pid]) for name, (_, pid) in running.items()}
    # The process behind the watchdog by itself.
    plain = f"http://{running['fwatchdog'][0].split('/')[2].split(':')[0]}:8082/" if mode.name == "http" else None
    results, direct = collections.defaultdict(list), collections.defaultdict(list)
    for connections in mode.connections:
        for number in range(arguments.rounds):
            turn = list(running.items())
            turn = turn[number % len(turn):] + turn[:number % len(turn)]
            if plain:
                direct[connections].append(run(plain, connections, mode.body, arguments.seconds, [], folder))
            for name, (url, pid) in turn:
                tree = processes(pid)
                results[name, connections].append(run(url, connections, mode.body, arguments.seconds, tree, folder))
    report(mode, results, idle, direct if plain else None)
    for name, _ in watchdogs:
        gateway.must("DELETE", "/system/functions", {"functionName": f"bench-{mode.name}-{name}"})


def main():
    arguments = parse_arguments()
    gateway = Gateway(arguments.url, arguments.password_file)
    print("| mode | connections | | requests/s | fwatchdog to it | added µs | of direct | CPU µs | idle RSS MB "
          "| fwatchdog to it | failed |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for mode in MODES:
            measure(gateway, arguments, mode, folder)


if __name__ == "__main__":
    main()
