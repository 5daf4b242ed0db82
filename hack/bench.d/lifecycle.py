"""Times deployments, waking and lists through the API, beside what their parts cost by themselves.

Called by hack/bench. The floor of a deployment is one network namespace, one CNI bridge plugin and one `ctr run`, made
by hand from the same image until the same program answers.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import time

from gateway import Gateway, milliseconds, spread

IMAGE = "docker.io/faasd/echo:latest"


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--containerd", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--subnet", required=True, help="one that nobody uses, such as 10.60.0.0/24")
    parser.add_argument("--plugins", required=True)
    parser.add_argument("--scratch", required=True)
    return parser.parse_args()


class Floor:
    """A container made by hand."""

    name = "faasd-bench-floor"

    def __init__(self, arguments):
        self.arguments = arguments
        self.network = json.dumps({
            "cniVersion": "0.4.0", "name": self.name, "type": "bridge", "bridge": "fbfloor", "isGateway": True,
            "ipam": {"type": "host-local", "subnet": arguments.subnet, "dataDir": arguments.scratch + "/cni"}})

    def cni(self, command):
        environment = os.environ | {
            "CNI_COMMAND": command, "CNI_CONTAINERID": self.name, "CNI_NETNS": f"/var/run/netns/{self.name}",
            "CNI_IFNAME": "eth0", "CNI_PATH": self.arguments.plugins}
        return subprocess.run(
            [self.arguments.plugins + "/bridge"], input=self.network, env=environment, capture_output=True, text=True,
            check=True).stdout

    def ctr(self, *words):
        subprocess.run(
            ["ctr", "--address", self.arguments.containerd, "--namespace", self.arguments.namespace, *words],
            capture_output=True, check=True)

    def make(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        address = json.loads(self.cni("ADD"))["ips"][0]["address"].split("/")[0]
        self.ctr("run", "--detach", "--with-ns", f"network:/var/run/netns/{self.name}", IMAGE, self.name)
        while True:
            try:
                socket.create_connection((address, 8080), timeout=5).close()
                return
            except OSError:
                time.sleep(0.001)

    def remove(self):
        self.ctr("tasks", "delete", "--force", self.name)
        self.ctr("containers", "delete", self.name)
        self.cni("DEL")
        subprocess.run(["ip", "netns", "delete", self.name], check=True)

    def close(self):
        subprocess.run(["ip", "link", "delete", "fbfloor"], capture_output=True, check=False)


def deployment(name, labels):
    return {"service": name, "image": IMAGE, "annotations": {"com.openfaas.watchdog": "image"}, "labels": labels}


def deploy(gateway, name, labels=None):
    gateway.must("POST", "/system/functions", deployment(name, labels or {}))
    gateway.serves(name)


def call(gateway, name):
    gateway.serves(name)


def states(gateway, name):
    return {instance["state"] for instance in json.loads(gateway.must("GET", f"/system/function/{name}"))["instances"]}


def rest(gateway, name, state):
    """Scales to zero and waits until all of the function is in a state of its rest."""
    gateway.must("POST", f"/system/scale-function/{name}", {"serviceName": name, "replicas": 0})
    deadline = time.monotonic() + 30
    while states(gateway, name) != {state}:
        if time.monotonic() > deadline:
            raise SystemExit(f"{name} is {states(gateway, name)}, not {state}")
        time.sleep(0.01)


def wakes(gateway, name, state, count):
    times = []
    for _ in range(count):
        rest(gateway, name, state)
        # The kernel is done a moment after the switch.
        time.sleep(0.02)
        times.append(milliseconds(call, gateway, name))
    return times


def pauses(gateway, name, count):
    """Calls of a warm function as far from each other as those of one at rest: a machine sleeps in between, too."""
    times = []
    for _ in range(count):
        states(gateway, name)
        time.sleep(0.02)
        times.append(milliseconds(call, gateway, name))
    return times


def list_functions(gateway):
    gateway.must("GET", "/system/functions")


def measure(gateway, floor, rounds):
    times = {name: [] for name in ("floor", "deploy", "frozen", "reclaimed", "stopped", "list", "warm", "paused")}
    deploy(gateway, "bench-wake")
    deploy(gateway, "bench-stop", {"com.openfaas.scale.stop-duration": "1s"})
    for number in range(rounds):
        times["floor"].append(milliseconds(floor.make))
        floor.remove()
        name = f"bench-deploy-{number}"
        times["deploy"].append(milliseconds(deploy, gateway, name))
        gateway.must("DELETE", "/system/functions", {"functionName": name})
        gateway.gone(name)
        times["warm"] += [milliseconds(call, gateway, "bench-wake") for _ in range(100)]
        times["paused"] += pauses(gateway, "bench-wake", 50)
        times["frozen"] += wakes(gateway, "bench-wake", "frozen", 50)
        times["reclaimed"] += wakes(gateway, "bench-wake", "reclaimed", 2)
        times["stopped"] += wakes(gateway, "bench-stop", "stopped", 2)
        times["list"] += [milliseconds(list_functions, gateway) for _ in range(20)]
    for name in ("bench-wake", "bench-stop"):
        gateway.must("DELETE", "/system/functions", {"functionName": name})
    return times


def percentiles(samples):
    ordered = sorted(samples)
    return f"{statistics.median(ordered):,.2f}, p99 {ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]:,.2f}"


def main():
    arguments = parse_arguments()
    gateway = Gateway(arguments.url, arguments.password_file)
    floor = Floor(arguments)
    try:
        times = measure(gateway, floor, arguments.rounds)
    finally:
        floor.close()
    functions = len(json.loads(gateway.must("GET", "/system/functions")))
    ratio = statistics.median(a / b for a, b in zip(times["deploy"], times["floor"]))
    print("| what | ms: median (least to most) | |")
    print("|---|---|---|")
    print(f"| container made by hand: netns, CNI bridge, `ctr run` | {spread(times['floor'])} | 1.00 |")
    print(f"| deploy to first answer, image present | {spread(times['deploy'])} | {ratio:.2f} |")
    deployed = statistics.median(times["deploy"])
    print(f"| call of a warm function | {percentiles(times['warm'])} | |")
    print(f"| the same after a pause of 20 ms | {percentiles(times['paused'])} | |")
    for step in ("frozen", "reclaimed", "stopped"):
        share = statistics.median(times[step]) / deployed
        print(f"| the same call, {step} | {percentiles(times[step])} | {share:.3f} of a deployment |")
    print(f"| list of {functions:,} functions | {spread(times['list'])} | |")


if __name__ == "__main__":
    main()
