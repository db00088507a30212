#!/usr/bin/env bash
# echod side by side with other servers, in turns: scripts/bench.sh [--quick] [options], see --help.
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

need build
say "building (log: build/release.log)"
build release echod echoc yardsticks
exec python3 -B "$root/tests/bench/bench.py" "$@"
