"""Runs function/handler.py for fwatchdog's worker mode: one process, one request after the other.

handle(req) gets the body as text, as in OpenFaaS's classic templates, and the request's head in os.environ (Http_Method,
Http_Path, Http_Query, Http_<Header>). It returns text, bytes or None, or a tuple of these with a status and, if it likes,
a dict of headers: (body, 201, {"Content-Type": "text/plain"}).
"""
import os
import socket
import struct
import sys
import traceback

PREFIX = struct.Struct(">IQ")


def environment_of(method, target, fields):
    path, _, query = target.partition("?")
    variables = {"Http_Method": method, "Http_Path": path}
    if query:
        variables["Http_Query"] = query
    for name, value in fields:
        key = "Http_" + "_".join(part.capitalize() for part in name.split("-"))
        # A program may take Http_Proxy for a proxy to use.
        if key != "Http_Proxy":
            variables.setdefault(key, value)
    return variables


def read_request(stream):
    prefix = stream.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return None
    head_length, body_length = PREFIX.unpack(prefix)
    lines = stream.read(head_length).decode("utf-8", "replace").split("\n")
    method, _, target = lines[0].partition(" ")
    fields = [line.split(": ", 1) for line in lines[1:] if ": " in line]
    return method, target, fields, stream.read(body_length)


def answer(handle, body):
    result = handle(body.decode("utf-8", "surrogateescape"))
    status, headers = 200, {}
    if isinstance(result, tuple):
        result, status, headers = (result + (200, {}))[:3] if len(result) == 1 else (result + ({},))[:3]
    if result is None:
        result = b""
    elif not isinstance(result, (bytes, bytearray)):
        result = str(result).encode("utf-8", "surrogateescape")
    return status, headers, bytes(result)


def main():
    channel = socket.socket(fileno=int(os.environ.pop("FWATCHDOG_WORKER_FD")))
    stream = channel.makefile("rb")
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from function.handler import handle

    channel.sendall(PREFIX.pack(0, 0))
    while True:
        request = read_request(stream)
        if request is None:
            return
        method, target, fields, body = request
        variables = environment_of(method, target, fields)
        os.environ.update(variables)
        try:
            status, headers, body = answer(handle, body)
        except Exception:
            traceback.print_exc()
            status, headers, body = 500, {"Content-Type": "text/plain; charset=utf-8"}, b"the function has failed\n"
        for name in variables:
            os.environ.pop(name, None)
        sys.stdout.flush()
        sys.stderr.flush()
        lines = ["%03d" % int(status)] + ["%s: %s" % pair for pair in headers.items()]
        head = "".join(line.replace("\r", " ").replace("\n", " ") + "\n" for line in lines).encode()
        channel.sendall(PREFIX.pack(len(head), len(body)) + head + body)


if __name__ == "__main__":
    main()
