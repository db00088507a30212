#!/usr/bin/env bash
# What bash offers for a command line of echod and echoc: tests/packages/completion.sh BIN
# Skipped (77) without the package bash-completion.
set -euo pipefail
library=/usr/share/bash-completion/bash_completion
[[ -e $library ]] || exit 77
PATH=$1:$PATH
source=$(dirname "$(readlink -f "$0")")/../../scripts/completion.bash
set +eu # the library is not written for them
# shellcheck source=/dev/null
source "$library"
# shellcheck source=scripts/completion.bash
source "$source"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit
touch one.conf
failed=0

# Completes the last of the words, as bash does: split at "=".
complete_words() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMP_LINE="$*"
  COMP_LINE=${COMP_LINE// = /=}
  COMP_POINT=${#COMP_LINE}
  COMPREPLY=()
  _echod "$1" "${*: -1}" "${COMP_WORDS[COMP_CWORD - 1]}"
}

# offers EXPECTED WORD...
offers() {
  local expected=$1
  shift
  complete_words "$@"
  [[ "${COMPREPLY[*]}" == "$expected" ]] && return
  echo "'$*': expected '$expected', got '${COMPREPLY[*]}'"
  failed=1
}

# Every long option of --help, and no other.
offers_options() {
  local help
  help=$("$@" --help)
  offers "$(grep -oE -- '^ +-[^ ]+' <<<"$help" | grep -oE -- '--.*' | paste -sd ' ')" "$@" --
}

offers_options echod
offers_options echoc
offers_options echoc talk
offers_options echoc ping
offers_options echoc load
offers_options echoc merge
offers --connect-timeout echoc :7007 --c
offers --max-per-address echod --max-p
offers 'reject wait' echod --when-full ''
offers wait echod -i 5s --when-full = w
offers 'text json' echod --log-format ''
offers one.conf echod --config ''
offers one.conf echoc load --json o
offers one.conf echoc merge ''
offers root echod --user roo
offers '' echod -i ''
offers '' echod ''
offers 'talk ping load merge' echoc ''
offers '' echoc ping ''
exit "$failed"
