# shellcheck shell=bash
# nats-server, which keeps asynchronous calls in tests. Needs common.sh and packages.sh.

# nats_ensure: prints the path of the program.
nats_ensure() { packages_unpacked nats-server nats-server; }
