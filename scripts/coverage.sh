#!/usr/bin/env bash
# Runs every test in a build that counts lines, and prints the share of each file that they reach:
# scripts/coverage.sh [ctest options]
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"

need build test coverage
build coverage
cd "$root"
find build/coverage -name '*.gcda' -delete
ctest --preset coverage --parallel "$(nproc)" "$@"
gcovr --root . --filter common/ --filter server/ --filter client/ build/coverage
