#!/usr/bin/env bash
# The manual pages have the options of --help and no others, and neither man nor mandoc has a remark
# on them: tests/packages/manual.sh BIN. Skipped (77) without man or mandoc.
set -euo pipefail
command -v man >/dev/null && command -v mandoc >/dev/null || exit 77
bin=$1
pages=$(dirname "$bin")/man
failed=0

long_options() { grep -oE -- '--[a-z][a-z-]+' | sort -u; }

# same_options PAGE COMMAND...
same_options() {
  local page=$1 different
  shift
  different=$(diff \
    <(for command in "$@"; do
      # shellcheck disable=SC2086 # a program and its subcommand
      "$bin"/$command --help
    done | long_options) \
    <(mandoc -Tascii -Owidth=200 "$pages/$page.gz" | col -bx | grep -v systemctl | long_options)) ||
    { echo "$page: $different" && failed=1; }
}
same_options echod.8 echod
same_options echoc.1 echoc 'echoc talk' 'echoc ping' 'echoc load' 'echoc merge'

for page in "$pages"/*.gz; do
  remarks=$(gunzip <"$page" | mandoc -Tlint -Wstyle &&
    LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null) || failed=1
  [[ -z $remarks ]] || { echo "${page##*/}: $remarks" && failed=1; }
done

# Each cause that the server can log has its entry.
grep -oP 'return "\K[a-z_]+' "$(dirname "$(readlink -f "$0")")/../../common/close_cause.cpp" |
  sort -u | grep -vx none | while read -r cause; do
  zgrep -qx ".B $cause" "$pages/echod.8.gz" || { echo "echod.8 lacks $cause" && exit 1; }
done || failed=1
exit "$failed"
