#!/usr/bin/env bash
# Installs what is missing, builds, and serves: scripts/serve.sh [echod options]
# build/release/bin/echod --help lists the options.
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"

need build
build release echod echoc
exec "$root/build/release/bin/echod" "$@"
