"""Measures what an open page of the console costs the daemon while nothing happens.

Called by hack/bench. A page is a client of its stream of events, as docs/console.md describes it.
"""

import argparse
import base64
import contextlib
import http.client
import os
import statistics
import threading
import time
import urllib.parse

PAGES = {"nobody looks": [], "one page, the list": [""], "one page, a function's charts": ["?function=echo"],
         "ten pages, the list": [""] * 10}


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True, help="of one sample")
    return parser.parse_args()


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def page(arguments, query):
    """Reads events until the body has ended."""
    parts = urllib.parse.urlsplit(arguments.url)
    with open(arguments.password_file) as file:
        word = base64.b64encode(b"admin:" + file.read().strip().encode()).decode()
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.request("GET", "/system/events" + query, headers={"Authorization": "Basic " + word})
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"/system/events answered {answer.status}")
    is_open = threading.Event()

    def read():
        while not is_open.is_set() and answer.readline():
            pass
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield
    finally:
        is_open.set()
        reader.join()
        connection.close()


def percent_of_a_core(arguments, queries):
    with contextlib.ExitStack() as stack:
        for query in queries:
            stack.enter_context(page(arguments, query))
        # What a page needs to open is not what it costs.
        time.sleep(3)
        before, start = processor_seconds(arguments.pid), time.monotonic()
        time.sleep(arguments.seconds)
        return 100 * (processor_seconds(arguments.pid) - before) / (time.monotonic() - start)


def main():
    arguments = parse_arguments()
    samples = {name: [] for name in PAGES}
    for _ in range(arguments.rounds):
        for name, queries in PAGES.items():
            samples[name].append(percent_of_a_core(arguments, queries))
    print("| open | % of a core | more than with nobody |")
    print("|---|---|---|")
    nobody = statistics.median(samples["nobody looks"])
    for name, values in samples.items():
        middle = statistics.median(values)
        print(f"| {name} | {middle:.2f} ({min(values):.2f} to {max(values):.2f}) | {middle - nobody:.2f} |")


if __name__ == "__main__":
    main()
