"""Steady calls, counted one by one: each is answered with its own body, or is lost."""

import collections
import http.client
import json
import select
import threading
import time

CLIENTS, PAUSE, ASYNC_PAUSE = 4, 0.05, 0.2
# However long something else takes, the load ends.
LONGEST = 240


class Load:
    def __init__(self, machine, function):
        self.machine, self.function = machine, function
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.calls = 0
        # (begin, end, reason)
        self.failures = []
        self.taken, self.refused = [], collections.Counter()
        self.threads = [threading.Thread(target=self.client, args=(number,)) for number in range(CLIENTS)]
        self.threads.append(threading.Thread(target=self.submit))

    def __enter__(self):
        self.deadline = time.monotonic() + LONGEST
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def goes_on(self):
        return not self.ended.is_set() and time.monotonic() < self.deadline

    def client(self, number):
        connection = None
        count = 0
        while self.goes_on():
            count += 1
            body = f"{number}-{count}"
            begin = time.time()
            try:
                connection = usable(connection)
                connection.request("POST", f"/function/{self.function}", body)
                answer = connection.getresponse()
                text = answer.read().decode(errors="replace")
                reason = None if (answer.status, text) == (200, body) else f"{answer.status} {text.strip()[:160]}"
            except (OSError, http.client.HTTPException) as error:
                reason = f"{type(error).__name__}: {error}"
                connection.close()
                connection = None
            with self.lock:
                self.calls += 1
                if reason:
                    self.failures.append((begin, time.time(), reason))
            time.sleep(PAUSE)

    def submit(self):
        """Hands asynchronous calls over, and remembers those that were taken."""
        count = 0
        while self.goes_on():
            count += 1
            connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
            try:
                connection.request("POST", f"/async-function/{self.function}", f"async-{count}")
                answer = connection.getresponse()
                answer.read()
                if answer.status == 202:
                    self.taken.append(answer.headers["X-Call-Id"])
                else:
                    self.refused[answer.status] += 1
            except (OSError, http.client.HTTPException) as error:
                self.refused[type(error).__name__] += 1
            finally:
                connection.close()
            time.sleep(ASYNC_PAUSE)

    def not_run(self, seconds=60):
        """The asynchronous calls that were taken and have not succeeded, after some time for it."""
        left = list(self.taken)
        end = time.monotonic() + seconds
        while left and time.monotonic() < end:
            left = [call for call in left if not self.has_run(call)]
            if left:
                time.sleep(0.2)
        return left

    def has_run(self, call):
        try:
            status, text = self.machine.api("GET", f"/system/async/calls/{call}", timeout=10)
        except OSError:
            return False
        return status == 200 and json.loads(text)["state"] == "succeeded"


def usable(connection):
    """A connection that the other side has closed while it was unused is replaced, as HTTP clients do."""
    if connection is not None and connection.sock is not None:
        if not select.select([connection.sock], [], [], 0)[0]:
            return connection
        connection.close()
    return http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
