"""Times the queue of asynchronous calls: how fast calls are taken and how fast they are sent, beside the same function
called directly and beside a store with one commit a call on the same disk.

Called by hack/bench.
"""

import argparse
import re
import sqlite3
import statistics
import tempfile
import time

from gateway import Gateway
from measure import run

CONNECTIONS, BODY = 32, 1000


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--directory", required=True, help="on the disk of the queue")
    # NAME|IMAGE|WATCHDOG
    parser.add_argument("functions", nargs="+")
    return parser.parse_args()


def deploy(gateway, name, image, watchdog, concurrency=None):
    annotations = {"com.openfaas.watchdog": watchdog}
    if concurrency:
        annotations["com.openfaas.async.concurrency"] = str(concurrency)
    there = gateway("GET", f"/system/function/{name}")[0] == 200
    gateway.must(
        "PUT" if there else "POST", "/system/functions", {"service": name, "image": image, "annotations": annotations})
    gateway.serves(name)


def count(gateway, metric, name):
    text = gateway.must("GET", "/metrics").decode()
    found = re.findall(rf'(?m)^{metric}{{[^}}]*function_name="{name}\.[^}}]*}} (\S+)$', text)
    return sum(float(value) for value in found)


def waiting(gateway, name):
    return count(gateway, "queue_worker_pending_messages", name) + count(
        gateway, "queue_worker_function_invocation_inflight", name)


def drained_per_second(gateway, name):
    """Calls a second from now until none waits; nothing else is asked of the gateway but the number, now and then."""
    start, before = time.perf_counter(), waiting(gateway, name)
    while (left := waiting(gateway, name)) > 0:
        if time.perf_counter() - start > 120:
            raise SystemExit(f"{left:.0f} calls of {name} still wait")
        time.sleep(0.1)
    return before / (time.perf_counter() - start)


def commits_per_second(directory, seconds):
    """Rows with a commit each, as a queue without group commit would write them."""
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        database = sqlite3.connect(folder + "/calls.db", isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE calls (number INTEGER PRIMARY KEY, body BLOB)")
        body, rows, start = bytes(BODY), 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            database.execute("INSERT INTO calls (body) VALUES (?)", (body,))
            rows += 1
        rate = rows / (time.perf_counter() - start)
        database.close()
    return rate


def measure(gateway, arguments, name, image, watchdog):
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.rounds):
            def load(path):
                sample = run(f"{arguments.url}{path}/{name}", CONNECTIONS, BODY, arguments.seconds, [], folder)
                if sample["failed"]:
                    raise SystemExit(f"{sample['failed']} calls of {path}/{name} failed")
                return sample["rate"]
            # Taken while nearly nothing is sent, then sent while none is taken.
            deploy(gateway, name, image, watchdog, concurrency=1)
            commits = commits_per_second(arguments.directory, 1)
            accepted = load("/async-function")
            deploy(gateway, name, image, watchdog)
            drained = drained_per_second(gateway, name)
            samples.append((commits, accepted, drained, load("/function")))
    return samples


def main():
    arguments = parse_arguments()
    gateway = Gateway(arguments.url, arguments.password_file)
    print("| function | one commit a call/s | taken/s | to commits | sent/s | called directly/s | sent, to called |")
    print("|---|---|---|---|---|---|---|")
    for function in arguments.functions:
        name, image, watchdog = function.split("|")
        columns = list(zip(*measure(gateway, arguments, name, image, watchdog)))
        commits, accepted, drained, called = columns

        def ratio(a, b):
            return statistics.median(x / y for x, y in zip(a, b))
        middle = [f"{statistics.median(column):,.0f}" for column in columns]
        print(f"| {name} | {middle[0]} | {middle[1]} | {ratio(accepted, commits):.1f} | {middle[2]} | {middle[3]} "
              f"| {ratio(drained, called):.2f} |", flush=True)
        gateway.must("DELETE", "/system/functions", {"functionName": name})


if __name__ == "__main__":
    main()
