"""The machine of hack/vm, seen from a process that shares its network and nothing else."""

import base64
import http.client
import json
import re
import subprocess
import time

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Machine:
    def __init__(self, leader):
        self.leader = str(leader)
        self.authorization = None

    def run(self, *words, check=True, text=None):
        """Runs a program inside; gives what it printed."""
        done = subprocess.run(
            ["nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-C", "--",
             "env", "-i", "HOME=/root", "LANG=C.UTF-8", "TERM=dumb", "PATH=" + PATH, *words],
            input=text, capture_output=True, text=True, timeout=180)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: status {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def api(self, method, path, body=None, timeout=60):
        """Asks the gateway as the administrator; gives status and body."""
        if self.authorization is None:
            password = self.run("cat", "/var/lib/faasd/secrets/basic-auth-password").strip()
            self.authorization = "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=timeout)
        try:
            connection.request(
                method, path, body if body is None or isinstance(body, str) else json.dumps(body),
                {"Authorization": self.authorization})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def must(self, method, path, body=None):
        status, text = self.api(method, path, body)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path}: {status} {text}")
        return text

    def serves(self, name, replicas=1):
        """Whether a function has the replicas that it should."""
        try:
            status, text = self.api("GET", f"/system/function/{name}", timeout=5)
        except OSError:
            return False
        return status == 200 and json.loads(text).get("availableReplicas", 0) >= replicas

    def healthy(self):
        connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def journal(self, pattern, since, unit="faasd"):
        """The first line of a unit's journal since a time that has a pattern; None when there is none."""
        text = self.run("journalctl", "--unit", unit, "--since", f"@{since:.3f}", "--output", "cat", "--quiet")
        return next((said(line) for line in text.splitlines() if re.search(pattern, line)), None)

    def property(self, name, unit="faasd"):
        return self.run("systemctl", "show", unit, "--property", name, "--value").strip()

    def task(self, function):
        """A replica of a function and its first process, as the machine numbers it."""
        for line in self.run("ctr", "--namespace", "openfaas-fn", "tasks", "list").splitlines()[1:]:
            name, pid, state = line.split()
            if name.startswith(function + "-") and state == "RUNNING":
                return name, pid
        raise RuntimeError(f"{function} has no task")


def said(line):
    """A line of the daemon's log: the sentence, then what it is about."""
    parts = re.fullmatch(r"\S+ \w+ faasd: (.*) \[\w+\] (.*)", line)
    return f"{parts[2]}: {parts[1]}" if parts else line


def wait_until(check, seconds, pause=0.05):
    """Whether a check came to hold in time."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
