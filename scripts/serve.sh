#!/usr/bin/env bash
# Installs what is missing, builds, and serves: scripts/serve.sh [echod options]
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

need build
build release echod echoc
exec "$root/build/release/bin/echod" "$@"
