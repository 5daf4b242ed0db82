"""Runs function/handler.py for fwatchdog's worker mode: one process, one request after the other.

handle(event, context) gets the request as event.body (bytes), event.headers, event.method, event.query (both dicts that
find a name in any case of its letters) and event.path, and context.hostname. It returns a dict of statusCode, headers
and body, or only a body: text, bytes, or a dict or list that becomes JSON.
"""
import json
import os
import socket
import struct
import sys
import traceback
from urllib.parse import parse_qsl, unquote

PREFIX = struct.Struct(">IQ")


class Fields(dict):
    """Header fields, found by their names in any case; the first of several holds."""

    def __init__(self, pairs):
        super().__init__()
        self._names = {}
        for name, value in pairs:
            if name.lower() not in self._names:
                self._names[name.lower()] = name
                self[name] = value

    def __getitem__(self, name):
        return super().__getitem__(self._names.get(name.lower(), name))

    def __contains__(self, name):
        return name.lower() in self._names

    def get(self, name, default=None):
        return self[name] if name in self else default


class Event:
    def __init__(self, method, target, fields, body):
        path, _, query = target.partition("?")
        self.method = method
        self.path = unquote(path)
        self.query = dict(parse_qsl(query, keep_blank_values=True))
        self.headers = Fields(fields)
        self.body = body


class Context:
    def __init__(self):
        self.hostname = socket.gethostname()


def read_request(stream):
    prefix = stream.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return None
    head_length, body_length = PREFIX.unpack(prefix)
    lines = stream.read(head_length).decode("utf-8", "replace").split("\n")
    method, _, target = lines[0].partition(" ")
    fields = [line.split(": ", 1) for line in lines[1:] if ": " in line]
    return Event(method, target, fields, stream.read(body_length))


def encode(body, headers):
    if body is None:
        return b""
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    if isinstance(body, (dict, list)):
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        return json.dumps(body).encode()
    return str(body).encode("utf-8", "surrogateescape")


def answer(result):
    if isinstance(result, dict) and {"statusCode", "body", "headers"} & result.keys():
        headers = dict(result.get("headers") or {})
        return int(result.get("statusCode", 200)), headers, encode(result.get("body"), headers)
    headers = {}
    return 200, headers, encode(result, headers)


def main():
    channel = socket.socket(fileno=int(os.environ.pop("FWATCHDOG_WORKER_FD")))
    stream = channel.makefile("rb")
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from function.handler import handle

    channel.sendall(PREFIX.pack(0, 0))
    context = Context()
    while True:
        event = read_request(stream)
        if event is None:
            return
        try:
            status, headers, body = answer(handle(event, context))
        except Exception:
            traceback.print_exc()
            status, headers, body = 500, {"Content-Type": "text/plain; charset=utf-8"}, b"the function has failed\n"
        sys.stdout.flush()
        sys.stderr.flush()
        lines = ["%03d" % status] + ["%s: %s" % pair for pair in headers.items()]
        head = "".join(line.replace("\r", " ").replace("\n", " ") + "\n" for line in lines).encode()
        channel.sendall(PREFIX.pack(len(head), len(body)) + head + body)


if __name__ == "__main__":
    main()
