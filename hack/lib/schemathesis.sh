# shellcheck shell=bash
# Schemathesis, which holds docs/openapi.yaml against the running daemon. Needs common.sh and packages.sh.

# schemathesis_ensure: prints the program's path.
schemathesis_ensure() { python_tool schemathesis 4.32.5 schemathesis; }
