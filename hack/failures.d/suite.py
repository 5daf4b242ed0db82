"""Runs the rows and prints the table. Called by hack/failures, in the machine's network."""

import argparse
import collections
import sys
import time

from load import Load
from machine import Machine, wait_until
from rows import ROWS

BEFORE, AFTER, LIMIT = 3, 3, 120


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true", help="name the rows")
    parser.add_argument("--leader", type=int, help="the first process of the machine")
    parser.add_argument("rows", nargs="*")
    arguments = parser.parse_args()
    names = [row.name for row in ROWS]
    if arguments.list:
        print("\n".join(names))
        sys.exit()
    unknown = set(arguments.rows) - set(names)
    if unknown or not arguments.leader:
        parser.error(f"unknown rows {sorted(unknown)}" if unknown else "--leader is missing")
    arguments.rows = [row for row in ROWS if not arguments.rows or row.name in arguments.rows]
    return arguments


def deploy(machine):
    image = "docker.io/faasd/busybox:latest"
    for function in [
        {"service": "echo", "envProcess": "cat",
         # However long a row takes, a call that was taken is tried until it has run.
         "annotations": {"com.openfaas.retry.attempts": "20", "com.openfaas.retry.min_wait": "100ms",
                         "com.openfaas.retry.max_wait": "5s"}},
        {"service": "shell", "envProcess": "sh", "annotations": {"com.openfaas.timeout": "170s"},
         "envVars": {"exec_timeout": "170s", "write_timeout": "170s"}},
        {"service": "hog", "envProcess": "sh", "limits": {"memory": "64Mi"}},
        {"service": "spare", "envProcess": "cat"},
    ]:
        machine.must("POST", "/system/functions", function | {"image": image})
    for name in ("echo", "shell", "hog", "spare"):
        if not wait_until(lambda: machine.serves(name), 60):
            raise SystemExit(f"{name} does not serve")


def try_row(row, machine):
    """What the table says of a row, and what is wrong with it."""
    skipped = row.skip(machine)
    if skipped:
        return [row.title, f"not tried: {skipped}", "", "", ""], []
    with Load(machine, "echo") as load:
        time.sleep(BEFORE)
        begin = time.time()
        row.break_it(machine)
        since = time.time() if row.lasts else begin
        whole = wait_until(lambda: row.is_whole(machine), LIMIT)
        recovered = time.time() if whole else None
        words = None

        def named():
            nonlocal words
            words = row.named(machine, begin)
            return words is not None

        wait_until(named, 30, pause=0.5)
        time.sleep(AFTER)
    lost = [failure for failure in load.failures if failure[1] >= begin]
    early = [failure for failure in load.failures if failure[1] < begin]
    not_run = load.not_run()
    if lost and recovered:
        recovered = max(recovered, lost[-1][1])
    problems = []
    if not whole:
        problems.append(f"not whole again within {LIMIT} s")
    if words is None:
        problems.append("nothing names what happened")
    if early:
        problems.append(f"calls failed before anything was done: {early[0][2]}")
    if lost and lost[-1][1] > time.time() - AFTER / 2:
        problems.append(f"calls still fail: {lost[-1][2]}")
    if not_run:
        problems.append(f"{len(not_run)} asynchronous calls that were taken have not run, such as {not_run[0]}")
    for reason, count in collections.Counter(failure[2] for failure in lost).most_common(5):
        print(f"{row.name}: {count} times {reason}", file=sys.stderr)
    refused = sum(load.refused.values())
    row.clean(machine)
    return [
        row.title, shortened(words or "nothing"), f"{recovered - since:.1f} s" if recovered else "never",
        f"{len(lost)} of {load.calls:,}",
        f"{len(not_run)} of {len(load.taken)}" + (f"; {refused} refused" if refused else ""),
    ], problems


def shortened(words, longest=140):
    words = " ".join(words.split()).replace("|", "\\|")
    return words if len(words) <= longest else words[:longest - 1] + "…"


def main():
    arguments = parse_arguments()
    machine = Machine(arguments.leader)
    deploy(machine)
    lines, failed = [], 0
    for kind in arguments.rows:
        row = kind()
        print(f"failures: {row.title}", file=sys.stderr)
        try:
            cells, problems = try_row(row, machine)
        except Exception as error:  # One row that cannot be tried says nothing of the others.
            cells, problems = [row.title, "", "", "", ""], [f"{type(error).__name__}: {error}"]
        lines.append("| " + " | ".join(cells) + " |")
        print(lines[-1], file=sys.stderr)
        for problem in problems:
            print(f"failures: {row.name}: {problem}", file=sys.stderr)
        failed += bool(problems)
        if not wait_until(lambda: machine.healthy() and machine.serves("echo") and machine.serves("shell"), LIMIT):
            print(f"failures: after {row.name} the machine is not as before; no more rows", file=sys.stderr)
            failed += 1
            break
    print("| what is done | what says so | whole again after | calls lost | asynchronous calls lost |")
    print("|---|---|---|---|---|")
    print("\n".join(lines))
    print(f"{len(lines) - failed} rows passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
