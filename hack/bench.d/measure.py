"""Runs wrk in interleaved rounds against several addresses of one function, and writes a table of medians and ratios.

Called by hack/bench; everything it measures is running already.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

UNITS = {"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6}
TICKS = os.sysconf("SC_CLK_TCK")


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--connections", type=int, nargs="+", required=True)
    parser.add_argument("--bodies", type=int, nargs="+", required=True)
    # NAME|URL[|PID]: a process whose CPU time and memory, with that of its children, is the target's.
    parser.add_argument("targets", nargs="+")
    return parser.parse_args()


def processes(root):
    """The process and those below it."""
    found, waiting = [], [root] if root else []
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as file:
                waiting += [int(word) for word in file.read().split()]
        except OSError:
            pass
    return found


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            # Its own, and that of the children it has waited for.
            total += sum(int(field) for field in fields[11:15])
        except OSError:
            pass
    return total / TICKS


def resident_megabytes(pids):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status") as file:
                total += int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])
        except (OSError, TypeError):
            pass
    return total / 1024


def microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS[unit]


def script(body, folder):
    """A wrk script that posts a body of so many bytes."""
    path = os.path.join(folder, f"body-{body}.lua")
    with open(path, "w") as file:
        file.write(f'wrk.method = "POST"\nwrk.body = string.rep("x", {body})\n')
    return path


def run(url, connections, body, seconds, pids, folder):
    command = ["wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    if body:
        command += ["-s", script(body, folder)]
    before = cpu_seconds(pids)
    output = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(pids) - before
    count = int(re.search(r"(\d+) requests in", output)[1])
    failed = sum(int(n) for line in output.splitlines() if "Non-2xx" in line or "Socket errors" in line
                 for n in re.findall(r"\d+", line.replace("Non-2xx or 3xx", "")))
    return {
        "count": count,
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
        "p50": microseconds(re.search(r"(?m)^ +50% +(\S+)", output)[1]),
        "p99": microseconds(re.search(r"(?m)^ +99% +(\S+)", output)[1]),
        "cpu": used / count * 1e6 if count else 0,
        "rss": resident_megabytes(pids),
        "failed": failed,
    }


def run_count(url, connections, body, count):
    """Load of at least so many requests; how many there were."""
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        while done < count:
            sample = run(url, connections, body, 10, [], folder)
            if sample["failed"]:
                raise SystemExit(f"{sample['failed']} requests failed")
            done += sample["count"]
    return done


def median(samples, key):
    return statistics.median(sample[key] for sample in samples)


def ratio(samples, peers, key):
    """The median of the ratios of the rounds: what disturbs a round disturbs both of its halves."""
    pairs = [(a[key], b[key]) for a, b in zip(samples, peers) if b[key]]
    return statistics.median(a / b for a, b in pairs) if pairs else float("nan")


def added(samples, direct, peers):
    """The time that a target adds to a direct call, against what nginx adds."""
    pairs = [(a["p50"] - d["p50"], b["p50"] - d["p50"]) for a, d, b in zip(samples, direct, peers)]
    pairs = [(a, b) for a, b in pairs if b > 0]
    return statistics.median(a / b for a, b in pairs) if pairs else float("nan")


def size(body):
    return "none" if body == 0 else f"{body // 1000} kB" if body < 1_000_000 else f"{body // 1_000_000} MB"


def table(results, names):
    print("| connections | body | | requests/s | to nginx | p50 µs | added, to nginx | p99 µs | to nginx | CPU µs | RSS MB "
          "| failed |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for (connections, body), samples in results.items():
        nginx, direct = samples["nginx"], samples["direct"]
        for name in names:
            mine = samples[name]
            relative = "" if name == "direct" else f"{ratio(mine, nginx, 'rate'):.2f}"
            extra = "" if name == "direct" else f"{added(mine, direct, nginx):.2f}"
            tail = "" if name == "direct" else f"{ratio(mine, nginx, 'p99'):.2f}"
            print(f"| {connections} | {size(body)} | {name} | {median(mine, 'rate'):,.0f} | {relative} "
                  f"| {median(mine, 'p50'):,.0f} | {extra} | {median(mine, 'p99'):,.0f} | {tail} "
                  f"| {median(mine, 'cpu'):.1f} | {max(s['rss'] for s in mine):.1f} "
                  f"| {sum(s['failed'] for s in mine)} |")


def many_functions(results):
    """What a long table of functions costs: both gateways ran in the same rounds."""
    for (connections, body), samples in results.items():
        if "faasd, many" not in samples:
            return
        ratios = [a["rate"] / b["rate"] for a, b in zip(samples["faasd, many"], samples["faasd"])]
        cpu = statistics.median(a["cpu"] / b["cpu"] for a, b in zip(samples["faasd, many"], samples["faasd"]) if b["cpu"])
        print(f"\nMany functions to one, {connections} connections, body {size(body)}: requests/s "
              f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}), CPU a request {cpu:.3f}.")


def main():
    arguments = parse_arguments()
    targets = []
    for target in arguments.targets:
        name, url, *pid = target.split("|")
        targets.append((name, url, int(pid[0]) if pid else None))
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for connections in arguments.connections:
            for body in arguments.bodies:
                samples = results.setdefault((connections, body), {name: [] for name, _, _ in targets})
                for number in range(arguments.rounds):
                    # Another order each round, so that no target always comes after the same one.
                    for name, url, pid in targets[number % len(targets):] + targets[:number % len(targets)]:
                        samples[name].append(
                            run(url, connections, body, arguments.seconds, processes(pid), folder))
                        time.sleep(0.2)
                print(f"c={connections} body={body} done", file=sys.stderr)
    table(results, [name for name, _, _ in targets])
    many_functions(results)


if __name__ == "__main__":
    main()
