"""The rows of the table. Each does something bad to the machine and says how that shows."""

import re
import resource
import socket
import time

from machine import wait_until


class Row:
    """One row. `break_it` returns when what was bad is over, so that recovery can begin."""

    name = title = ""
    # Whether recovery counts from the end of break_it, not from its beginning.
    lasts = False

    def skip(self, machine):
        """Why it cannot be tried here; None when it can."""

    def break_it(self, machine):
        raise NotImplementedError

    def is_whole(self, machine):
        return machine.healthy() and machine.serves("echo")

    def named(self, machine, since):
        """The words in which the machine says what happened."""
        raise NotImplementedError

    def clean(self, machine):
        """What the next row should not find."""


class DaemonKilled(Row):
    name, title = "daemon-killed", "`kill -9` of the daemon"

    def break_it(self, machine):
        self.pid = machine.property("MainPID")
        machine.run("kill", "-KILL", self.pid)

    def is_whole(self, machine):
        return machine.property("MainPID") not in ("0", self.pid) and super().is_whole(machine)

    def named(self, machine, since):
        return machine.journal(r"Main process exited, code=killed", since)


class DaemonHung(DaemonKilled):
    name, title = "daemon-hung", "the daemon stopped with SIGSTOP, so that it hangs"

    def skip(self, machine):
        if machine.property("WatchdogUSec") in ("0", "infinity"):
            return "the unit has no `WatchdogSec`, so systemd does not look whether the daemon hangs"

    def break_it(self, machine):
        self.pid = machine.property("MainPID")
        machine.run("kill", "-STOP", self.pid)

    def named(self, machine, since):
        return machine.journal(r"[Ww]atchdog timeout", since)


class ContainerdKilled(Row):
    name, title = "containerd-killed", "`kill -9` of containerd"

    def break_it(self, machine):
        self.pid = machine.property("MainPID", "containerd")
        machine.run("kill", "-KILL", self.pid)

    def is_whole(self, machine):
        return (machine.property("MainPID", "containerd") not in ("0", self.pid)
                and machine.property("ActiveState", "containerd") == "active" and super().is_whole(machine))

    def named(self, machine, since):
        return (machine.journal(r"containerd does not answer", since)
                or machine.journal(r"Main process exited, code=killed", since, "containerd"))


class ShimKilled(Row):
    name, title = "shim-killed", "`kill -9` of a function's containerd-shim"

    def break_it(self, machine):
        self.replica, _ = machine.task("echo")
        machine.run("pkill", "-KILL", "-f", f"containerd-shim.* -id {self.replica}( |$)")

    def is_whole(self, machine):
        try:
            return machine.task("echo")[0] != self.replica and super().is_whole(machine)
        except RuntimeError:
            return False

    def named(self, machine, since):
        return machine.journal(r"replica ended by itself", since)


class ProcessKilled(ShimKilled):
    name, title = "process-killed", "`kill -9` of a function's process"

    def break_it(self, machine):
        self.replica, pid = machine.task("echo")
        machine.run("kill", "-KILL", pid)


class ContainerdAway(Row):
    name, title, lasts = "containerd-away", "containerd stopped for a minute", True

    def break_it(self, machine):
        machine.run("systemctl", "stop", "containerd")
        begin = time.monotonic()
        time.sleep(10)
        self.answer = machine.api(
            "PUT", "/system/functions",
            {"service": "spare", "image": "docker.io/faasd/busybox:latest", "envProcess": "cat -"})
        time.sleep(max(0, 60 - (time.monotonic() - begin)))
        machine.run("systemctl", "start", "containerd")

    def is_whole(self, machine):
        return super().is_whole(machine) and machine.api(
            "PUT", "/system/functions",
            {"service": "spare", "image": "docker.io/faasd/busybox:latest", "envProcess": "cat"})[0] == 202

    def named(self, machine, since):
        return f"a deployment: {self.answer[0]} {self.answer[1].strip()}" if self.answer[0] == 503 else None


class DiskFull(Row):
    name, title, lasts = "disk-full", "the disk of `/var/lib/faasd` full for 10 s", True

    def break_it(self, machine):
        machine.run("dd", "if=/dev/zero", "of=/var/lib/faasd/filler", "bs=4096", check=False)
        self.answer = machine.api(
            "POST", "/system/functions",
            {"service": "late", "image": "docker.io/faasd/busybox:latest", "envProcess": "cat"})
        time.sleep(10)
        machine.run("rm", "/var/lib/faasd/filler")

    def is_whole(self, machine):
        return super().is_whole(machine) and machine.api("POST", "/async-function/echo", "x")[0] == 202

    def named(self, machine, since):
        return f"a deployment: {self.answer[0]} {self.answer[1].strip()}" if self.answer[0] >= 500 else None

    def clean(self, machine):
        machine.api("DELETE", "/system/functions", {"functionName": "late"})


class MemoryExhausted(Row):
    name, title = "memory", "a function takes all memory that it may have"

    def break_it(self, machine):
        # A file without an end of line, which tail keeps whole.
        self.answer = machine.api("POST", "/function/hog", "tail /dev/zero")

    def is_whole(self, machine):
        return super().is_whole(machine) and machine.api("POST", "/function/hog", "echo again")[1].strip() == "again"

    def named(self, machine, since):
        return machine.journal(r"memory limit", since)


class BridgeDeleted(Row):
    name, title = "bridge", "the bridge `openfaas0` deleted"

    def break_it(self, machine):
        self.replica, _ = machine.task("echo")
        machine.run("ip", "link", "delete", "openfaas0")

    def is_whole(self, machine):
        return "openfaas0" in machine.run("ip", "-brief", "link") and super().is_whole(machine) and self.connected(machine)

    @staticmethod
    def connected(machine):
        try:
            _, pid = machine.task("echo")
        except RuntimeError:
            return False
        return "10.62." in machine.run("nsenter", "-t", pid, "-n", "ip", "-4", "address", check=False) and (
            "master openfaas0" in machine.run("ip", "link", "show", "type", "veth"))

    def named(self, machine, since):
        return machine.journal(r"not connected to the bridge|restored what keeps functions apart", since)


class RulesFlushed(Row):
    name, title = "rules", "all iptables rules flushed"

    def skip(self, machine):
        self.before = self.rules(machine)
        if not self.before:
            return "there are no rules of faasd's"

    @staticmethod
    def rules(machine):
        """The chains that have rules, without those of one replica, which goes and comes."""
        chains = {line.split()[1] for line in machine.run("iptables-save").splitlines() if line.startswith("-A")}
        return {chain for chain in chains if not re.fullmatch("CNI-[0-9a-f]+", chain)}

    def break_it(self, machine):
        for table in ("filter", "nat"):
            machine.run("iptables", "-t", table, "-F")

    def is_whole(self, machine):
        return self.before <= self.rules(machine) and super().is_whole(machine)

    def named(self, machine, since):
        return machine.journal(r"restored what keeps functions apart|iptables rules are gone", since)


class ClockJumps(Row):
    name, title, lasts = "clock", "the clock half an hour ahead for 10 s, and back", True

    FILE = "/run/faasd-clock"
    UNIT = "/run/systemd/system/faasd.service.d/clock.conf"

    def skip(self, machine):
        found = machine.run("find", "/usr/lib", "-name", "libfaketime.so.1").split()
        if not found:
            return "there is no libfaketime in this machine, and the clock itself is that of the machine outside"
        # The clock of the machine outside is not ours to set, and no namespace has a wall clock of its own.
        self.set(machine, 0)
        # nice starts it for a reason: the library changes the environment of the process that it comes into first, and
        # where that has moved, Swift does not find the arguments.
        command = machine.run("systemctl", "show", "faasd", "--property", "ExecStart").split("argv[]=")[1].split(" ;")[0]
        drop_in = (f"[Service]\nEnvironment=LD_PRELOAD={found[0]} FAKETIME_TIMESTAMP_FILE={self.FILE}\n"
                   "Environment=FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1\n"
                   f"ExecStart=\nExecStart=/usr/bin/nice -n 0 {command}\n")
        machine.run("mkdir", "-p", self.UNIT.rpartition("/")[0])
        machine.run("tee", self.UNIT, text=drop_in)
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "faasd")
        wait_until(lambda: machine.healthy() and machine.serves("echo"), 30)

    @classmethod
    def set(cls, machine, seconds):
        machine.run("tee", cls.FILE + ".next", text=f"{seconds:+d}\n")
        machine.run("mv", cls.FILE + ".next", cls.FILE)

    def break_it(self, machine):
        self.set(machine, 1800)
        # Something to say with a time in it.
        machine.api("POST", "/system/scale-function/shell", {"replicas": 2})
        time.sleep(5)
        created = machine.api("GET", "/system/function/shell")[1]
        machine.api("POST", "/system/scale-function/shell", {"replicas": 1})
        time.sleep(5)
        self.set(machine, 0)
        self.times = created

    def named(self, machine, since):
        # Without the last digit, which may have changed meanwhile.
        ahead = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(since + 1800))[:-1]
        return f"nothing needs to: a replica of that time has `createdAt` {ahead}…" if ahead in self.times else None

    def clean(self, machine):
        machine.run("rm", "-f", self.UNIT)
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "faasd")


class LogFlood(Row):
    name, title, lasts = "logs", "a function writes 50 MB of log as fast as it can", True

    def break_it(self, machine):
        line = "a line of a hundred bytes, as those of a program that tells more than anybody reads about what it does"
        flood = f"yes '{line}' | head -c 50000000 >&2; echo done"
        status, text = machine.api("POST", "/function/shell", flood, 170)
        if (status, text.strip()) != (200, "done"):
            raise RuntimeError(f"the flood: {status} {text}")

    def named(self, machine, since):
        text = machine.run("journalctl", "--since", f"@{since:.3f}", "--output", "cat", "--quiet", "--grep",
                           "Suppressed|lines? (was|were) (lost|dropped)|dropped", check=False)
        return next(iter(text.splitlines()), None)


class ManyConnections(Row):
    name, title, lasts = "connections", "10,000 connections opened and left open for 10 s", True
    COUNT = 10_000

    def break_it(self, machine):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        opened = []
        try:
            for _ in range(self.COUNT):
                opened.append(socket.create_connection(("127.0.0.1", 8080), timeout=10))
            # Half a head, so that each is somebody who is served.
            for connection in opened:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
            self.files = self.descriptors(machine)
            time.sleep(10)
        finally:
            for connection in opened:
                connection.close()

    @staticmethod
    def descriptors(machine):
        text = machine.run("curl", "--silent", "http://127.0.0.1:8082/metrics")
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("process_open_fds "))

    def is_whole(self, machine):
        return super().is_whole(machine) and self.descriptors(machine) < 1000

    def named(self, machine, since):
        return f"`process_open_fds` {self.files}" if self.files >= self.COUNT else None


class Restarted(Row):
    name, title, lasts = "restarts", "the daemon restarted ten times", True

    def break_it(self, machine):
        for _ in range(10):
            machine.run("systemctl", "restart", "faasd")
            wait_until(machine.healthy, 30)

    def named(self, machine, since):
        return machine.journal(r"faasd is ending; functions go on", since)


ROWS = [
    DaemonKilled, DaemonHung, ContainerdKilled, ShimKilled, ProcessKilled, ContainerdAway, DiskFull, MemoryExhausted,
    BridgeDeleted, RulesFlushed, ClockJumps, LogFlood, ManyConnections, Restarted,
]
