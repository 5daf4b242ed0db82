#!/usr/bin/env python3
"""Counts what one proxied request costs, with callgrind: instructions, allocations, system calls.

The proxy runs alone in the process that is counted. Client and replica are threads here, outside of it. N requests
and then 2N are sent; the difference is N requests' work, without starting and stopping. hack/instructions calls this.
"""
import argparse
import collections
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading

ALLOCATIONS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign"}
SYSTEM_CALLS = {"read", "write", "writev", "recv", "send", "recvmsg", "sendmsg", "recvmmsg", "sendmmsg",
                "epoll_wait", "epoll_ctl", "timerfd_settime", "fcntl", "fcntl64", "getsockopt", "setsockopt",
                "getpeername", "getsockname"}
# Functions of the runtime that cost much in sum; the profile says who calls them.
RUNTIME = {"swift_beginAccess", "swift_retain"} | ALLOCATIONS
FIELDS = b"Host: 127.0.0.1:8080\r\nUser-Agent: count/1\r\nAccept: */*\r\n"
DATED = b"Content-Type: text/plain\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
BODY = b"x" * 1000
# Each shape: the request, the replica's answer, and how the answer ends at the client.
SHAPES = {
    "get": (b"GET /function/f/path?q=1 HTTP/1.1\r\n" + FIELDS + b"\r\n",
            b"HTTP/1.1 200 OK\r\n" + DATED + b"Content-Length: 2\r\n\r\nok", b"\r\n\r\nok"),
    "post": (b"POST /function/f HTTP/1.1\r\n" + FIELDS + b"Content-Length: 1000\r\n\r\n" + BODY,
             b"HTTP/1.1 200 OK\r\n" + DATED + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + BODY + b"\r\n0\r\n\r\n",
             b"\r\n0\r\n\r\n"),
}


def receive(connection, is_whole):
    """Bytes until they are a whole message; None when the other side has closed."""
    data = b""
    while not is_whole(data):
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    return data


def is_request(data):
    head, end, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
    return bool(end) and len(body) == (int(length.group(1)) if length else 0)


def serve(listener, answer):
    """The replica: one answer for each request, on each connection."""
    def talk(connection):
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while receive(connection, is_request) is not None:
                connection.sendall(answer)

    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=talk, args=(connection,), daemon=True).start()


def call(port, count, request, ending):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(count):
            client.sendall(request)
            answer = receive(client, lambda data: data.endswith(ending))
            if answer is None or not answer.startswith(b"HTTP/1.1 200 "):
                sys.exit(f"measure.py: request {number} was answered {answer!r}")


def run(binary, shape, count):
    """Counts of one run: instructions of each function itself, calls of each function, calls by caller of each."""
    request, answer, ending = SHAPES[shape]
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryDirectory() as scratch:
        threading.Thread(target=serve, args=(listener, answer), daemon=True).start()
        out = pathlib.Path(scratch, "out")
        command = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}", "--compress-strings=no",
                   "--compress-pos=no", "--dump-line=no", binary, str(listener.getsockname()[1])]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as proxy:
            try:
                line = proxy.stdout.readline()
                if not line.startswith("port "):
                    sys.exit(f"measure.py: the proxy did not start: {line!r}")
                call(int(line.split()[1]), count, request, ending)
                proxy.stdin.close()
                if proxy.wait(timeout=120) != 0:
                    sys.exit(f"measure.py: the proxy ended with {proxy.returncode}")
            finally:
                proxy.kill()
        return parse(out.read_text(errors="replace").splitlines())


def parse(lines):
    own, calls, callers = collections.Counter(), collections.Counter(), collections.Counter()
    function = callee = ""
    follows_call = False
    for line in lines:
        if line.startswith("fn="):
            function = line[3:]
        elif line.startswith("cfn="):
            callee = line[4:]
        elif line.startswith("calls="):
            # realloc may be made of malloc; that is one allocation.
            if not (callee in ALLOCATIONS and function in ALLOCATIONS):
                calls[callee] += int(line[6:].split()[0])
            if callee in RUNTIME:
                callers[(callee, function)] += int(line[6:].split()[0])
            follows_call = True
        elif line[:1].isdigit():
            # The line behind a call has the callee's instructions, which are counted there.
            if not follows_call:
                own[function] += int(line.split()[1])
            follows_call = False
    return own, calls, callers


def per_request(binary, shape, count):
    once, twice = run(binary, shape, count), run(binary, shape, 2 * count)
    return [{name: (many[name] - few[name]) / count for name in many} for few, many in zip(once, twice)]


def total(counts, names):
    return sum(counts.get(name, 0) for name in names)


def demangled(name):
    if not name.startswith("$s"):
        return name
    output = subprocess.run(["swift", "demangle", "--simplified", "--compact", name], capture_output=True, text=True)
    return output.stdout.strip() or name


def print_profile(shape, own, calls, callers):
    print(f"\n{shape}: instructions of a request by function, without those it calls (calls of the function)")
    for name in sorted(own, key=own.get, reverse=True)[:25]:
        print(f"{own[name]:9.0f} {calls.get(name, 0):7.2f}  {demangled(name)[:180]}")
    print(f"\n{shape}: system calls and allocations of a request")
    for name in sorted(SYSTEM_CALLS | ALLOCATIONS):
        if calls.get(name, 0) >= 0.005:
            print(f"{calls[name]:9.2f}  {name}")
    for callee in sorted(RUNTIME):
        rows = sorted(((number, caller) for (name, caller), number in callers.items() if name == callee), reverse=True)
        for number, caller in rows[:20]:
            if number >= 0.1:
                print(f"{number:9.2f}  calls of {callee} by {demangled(caller)[:150]}")


def read_limits(path):
    rows = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {(shape, what): float(number) for shape, what, number in rows}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("limits", type=pathlib.Path)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    limits = {} if options.write else read_limits(options.limits)
    written, failed = [], False
    print(f"{'shape':6} {'count':13} {'of a request':>13} {'limit':>9} {'':>7}")
    profiles = []
    for shape in SHAPES:
        own, calls, callers = per_request(options.binary, shape, options.requests)
        profiles.append((shape, own, calls, callers))
        # The proxy's clock ticks meanwhile, now and then with an allocation; a request's own number is a whole one.
        for what, number in (("instructions", sum(own.values())), ("mallocs", round(total(calls, ALLOCATIONS)))):
            written.append(f"{shape} {what} {number:.0f}")
            kept = limits.get((shape, what), number)
            ratio = number / kept - 1 if kept else 0
            failed |= ratio > 0.05
            print(f"{shape:6} {what:13} {number:13.0f} {kept:9.0f} {ratio:+7.1%}{'  above +5 %' if ratio > 0.05 else ''}")
    if options.profile:
        for profile in profiles:
            print_profile(*profile)
    if options.write:
        head = [line for line in options.limits.read_text().splitlines() if line.startswith("#")]
        options.limits.write_text("\n".join(head + written) + "\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
