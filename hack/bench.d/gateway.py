"""A small client of the gateway's API, and what the measurements share."""

import base64
import http.client
import json
import statistics
import time
import urllib.parse


class Gateway:
    """One connection, kept open."""

    def __init__(self, url, password_file):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        with open(password_file) as file:
            word = base64.b64encode(b"admin:" + file.read().strip().encode()).decode()
        self.headers = {"Authorization": "Basic " + word}
        self.connection = http.client.HTTPConnection(self.host, self.port, timeout=120)

    def __call__(self, method, path, body=None):
        text = json.dumps(body) if isinstance(body, dict) else body
        self.connection.request(method, path, text, self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def must(self, method, path, body=None):
        status, content = self(method, path, body)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {content.decode(errors='replace')}")
        return content

    def serves(self, function, seconds=30):
        """Calls until the answer is 200."""
        deadline = time.monotonic() + seconds
        while True:
            status, content = self("GET", f"/function/{function}")
            if status == 200:
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"{function} does not answer: {status} {content[:200]}")
            time.sleep(0.002)

    def gone(self, function, seconds=30):
        """Waits until a function has no container."""
        deadline = time.monotonic() + seconds
        while self("GET", f"/system/function/{function}")[0] != 404 and time.monotonic() < deadline:
            time.sleep(0.01)


def milliseconds(work, *arguments):
    start = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - start) * 1000


def spread(samples):
    """The median, and the span of all."""
    return f"{statistics.median(samples):,.1f} ({min(samples):,.1f} to {max(samples):,.1f})"
