"""A steady load on one function, over connections that are kept and over new ones, until standard input ends.

usage: load.py URL KEEPING OPENING IDLING HOLDING

KEEPING clients call over one connection each, OPENING over a new one for each call, IDLING over one that is unused for
a second or two between two calls; HOLDING connections are used at the beginning and at the end. A call fails when its answer is not its own body, or does not come; nothing is
repeated. The last line is what was counted, as JSON.
"""
import http.client
import json
import random
import sys
import threading
import time
import urllib.parse

# Longer than a restart may wait for calls that are under way.
TIMEOUT = 120


class Client(threading.Thread):
    def __init__(self, url, number, keeps, pause):
        super().__init__(daemon=True)
        self.url, self.number, self.keeps, self.pause = url, number, keeps, pause
        self.calls = self.failed = self.connections = 0
        self.longest = 0.0
        self.complaints = []
        self.connection = None

    def run(self):
        while not ended.is_set():
            self.calls += 1
            begin = time.monotonic()
            try:
                self.call(f"{self.number}-{self.calls}")
            except Exception as error:
                self.failed += 1
                self.complaints.append(f"{time.strftime('%T')} client {self.number}: {error!r}")
                self.drop()
            self.longest = max(self.longest, time.monotonic() - begin)
            ended.wait(self.pause * random.uniform(0.5, 1.5))
        self.drop()

    def call(self, body):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=TIMEOUT)
            self.connections += 1
        self.connection.request("POST", self.url.path, body)
        answer = self.connection.getresponse()
        text = answer.read().decode(errors="replace")
        if answer.status != 200 or text != body:
            raise ValueError(f"status {answer.status}: {text[:200]!r}")
        if answer.will_close or not self.keeps:
            self.drop()

    def drop(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


url = urllib.parse.urlsplit(sys.argv[1])
keeping, opening, idling, holding = map(int, sys.argv[2:6])
ended = threading.Event()
kinds = [(True, 0.05)] * keeping + [(False, 0.05)] * opening + [(True, 1.5)] * idling
clients = [Client(url, number, keeps, pause) for number, (keeps, pause) in enumerate(kinds)]
held = [Client(url, len(clients) + number, True, 0) for number in range(holding)]
for client in held:
    client.calls = 1
    client.call("begin")
for client in clients:
    client.start()
print("ready", flush=True)
sys.stdin.read()
for client in held:
    client.calls += 1
    try:
        client.call("end")
    except Exception as error:
        client.failed += 1
        client.complaints.append(f"held connection {client.number}: {error!r}")
ended.set()
for client in clients:
    client.join(TIMEOUT)
stuck = sum(client.is_alive() for client in clients)
clients += held
kept = [client for client in clients if client.keeps]
print(json.dumps({
    "calls": sum(client.calls for client in clients),
    "failed": sum(client.failed for client in clients) + stuck,
    "longest": round(max(client.longest for client in clients), 2),
    "reconnects": sum(client.connections for client in kept) - len(kept),
    "complaints": sum((client.complaints for client in clients), [])[:20],
}))
