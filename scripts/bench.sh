#!/usr/bin/env bash
# echod side by side with other servers, and echoc with other clients: scripts/bench.sh [options]
# Without --install or a "y" it installs nothing and leaves out whom it does not find. See --help.
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"

consents() {
  [[ " $* " != *" --install "* ]] || return 0
  [[ -t 0 && -t 2 ]] || return 1
  local answer
  read -rp "install ${wanted//$'\n'/ }? [y/N] " answer
  [[ $answer == [yY]* ]]
}

if [[ " $* " != *" --help "* && " $* " != *" -h "* ]]; then
  wanted=$(missing build python bench)
  [[ -z $wanted ]] || ! consents "$@" || need build python bench
  required=$(missing build python)
  [[ -z $required ]] || die "packages are missing: apt-get install ${required//$'\n'/ }"
  build release echod echoc yardsticks
fi
exec python3 -B "$root/tests/bench/bench.py" "$@"
