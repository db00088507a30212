#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: scripts/test.sh [ctest options]
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"

need build test
build release
say "testing"
cd "$root"
# Most tests wait more than they compute.
ctest --preset release --progress --parallel $((2 * $(nproc))) "$@"
