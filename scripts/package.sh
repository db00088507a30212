#!/usr/bin/env bash
# Installs what is missing, builds, and makes Debian packages in build/packages:
# scripts/package.sh [cpack options]
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"

need build package
build release echod echoc
cd "$root"
# The same sources make the same packages, byte for byte.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -c safe.directory="$root" log -1 --format=%ct \
  2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
rm -f build/packages/*.deb
logged package cpack --config build/release/CPackConfig.cmake -B build/packages "$@"
rm -r build/packages/_CPack_Packages
ls build/packages/*.deb
