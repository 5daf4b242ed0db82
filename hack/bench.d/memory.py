"""Watches the daemon's memory over many requests, and while a body of 1 GB passes both ways.

Called by hack/bench.
"""

import argparse
import socket
import threading
import urllib.parse

from measure import resident_megabytes, run_count

GIGABYTE = 1 << 30
PIECE = bytes(1 << 20)


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--requests", type=int, required=True)
    return parser.parse_args()


def send_body(connection):
    for _ in range(GIGABYTE // len(PIECE)):
        connection.sendall(PIECE)


def upload(url, pid):
    """Sends the body and reads it back at the same time; the highest memory seen, and how many bytes came back."""
    parts = urllib.parse.urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(
            f"POST {parts.path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {GIGABYTE}\r\n"
            "Connection: close\r\n\r\n".encode())
        sender = threading.Thread(target=send_body, args=(connection,))
        sender.start()
        received, highest, next_look = 0, 0.0, 0
        while piece := connection.recv(len(PIECE)):
            received += len(piece)
            if received >= next_look:
                highest = max(highest, resident_megabytes([pid]))
                next_look += GIGABYTE // 100
        sender.join()
    if received < GIGABYTE:
        raise SystemExit(f"of a body of 1 GB only {received} bytes came back")
    return highest, received


def main():
    arguments = parse_arguments()
    function = arguments.url + "/function/echo"
    print("| after | RSS MB |")
    print("|---|---|")
    before = resident_megabytes([arguments.pid])
    print(f"| nothing | {before:.1f} |")
    done = 0
    step = max(1, arguments.requests // 5)
    while done < arguments.requests:
        done += run_count(function, 32, 1000, step)
        print(f"| {done:,} requests | {resident_megabytes([arguments.pid]):.1f} |", flush=True)
    highest, received = upload(function, arguments.pid)
    print(f"| {received:,} bytes up and down in one call; the highest seen | {highest:.1f} |")


if __name__ == "__main__":
    main()
