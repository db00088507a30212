#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: scripts/test.sh [ctest options]
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

need build test
say "building (log: build/release.log)"
build release
say "testing"
cd "$root"
ctest --preset release --progress --parallel "$(nproc)" "$@"
