#!/usr/bin/env bash
# A quick run of echoc load: scripts/load.sh [ADDR] [echoc load options]
# Without ADDR it starts an echod on a port that the kernel picks. Exit status: that of echoc load.
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"
# shellcheck source=scripts/target.sh
source "$root/scripts/target.sh"

if (($#)) && [[ $1 != -* ]]; then
  target "$1"
  shift
else
  target
fi
status=0
"$echoc" load "$address" "${@:---duration=5s}" || status=$?
exit "$status"
