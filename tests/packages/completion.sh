#!/usr/bin/env bash
# What bash offers for a command line of echod and echoc: tests/packages/completion.sh BIN
# Skipped (77) without the package bash-completion.
set -euo pipefail
library=/usr/share/bash-completion/bash_completion
[[ -e $library ]] || exit 77
PATH=$1:$PATH
made=$(dirname "$1")/completion
set +eu # the library is not written for them
# shellcheck source=/dev/null
source "$library"
# shellcheck source=/dev/null
source "$made/echod"
# shellcheck source=/dev/null
source "$made/echoc"
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
  "_$1" "$1" "${*: -1}" "${COMP_WORDS[COMP_CWORD - 1]}"
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
  offers "$(grep -oE -- '^ +-.*' <<<"$help" | grep -oE -- '--[a-z-]+' | paste -sd ' ')" "$@" --
}

offers_options echod
offers_options echoc
offers_options echoc talk
offers_options echoc ping
offers_options echoc load
offers_options echoc idle
offers_options echoc merge
offers_options echoc compare
offers_options echoc report
offers --connect-timeout echoc :7007 --c
offers --max-per-address echod --max-p
offers 'reject wait' echod --when-full ''
offers wait echod -i 5s --when-full = w
offers 'text json' echod --log-format ''
offers 'per-connection auto' echod --workers ''
offers 'debug' echod --log-level d
offers one.conf echod --config ''
offers one.conf echoc load --json o
offers one.conf echoc merge ''
offers one.conf echoc compare ''
offers one.conf echoc report ''
offers one.conf echoc report -o ''
offers root echod --user roo
offers '' echod -i ''
offers '' echod ''
offers 'talk ping load idle merge compare report' echoc ''
offers '' echoc ping ''
exit "$failed"
