#!/bin/sh
# Runs the handler with bash, or with sh where the image has no bash.
command -v bash >/dev/null 2>&1 && exec bash function/handler.sh
exec sh function/handler.sh
