#!/usr/bin/env bash
# The manual pages have the options of the programs' own table (--dump-options) and no others, and
# the sections of a page on a program, and neither man nor mandoc has a remark on them:
# tests/packages/manual.sh BIN. Skipped (77) without man, mandoc or python3.
set -euo pipefail
command -v man >/dev/null && command -v mandoc >/dev/null && command -v python3 >/dev/null || exit 77
bin=$1
pages=$(dirname "$bin")/man
failed=0

# same_options PAGE PROGRAM
same_options() {
  local different
  different=$(diff \
    <("$bin/$2" --dump-options | python3 -c 'import json, sys
for command in json.load(sys.stdin)["commands"]:
    for option in command["options"]:
        print(option["names"][-1])' | sort -u) \
    <(mandoc -Tascii -Owidth=200 "$pages/$1.gz" | col -bx | grep -v systemctl |
      grep -oE -- '--[a-z][a-z-]+' | sort -u)) ||
    { echo "$1: $different" && failed=1; }
}
same_options echod.8 echod
same_options echoc.1 echoc

for page in echod.8 echoc.1; do
  for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
    zgrep -qx ".SH $section" "$pages/$page.gz" || { echo "$page lacks $section" && failed=1; }
  done
done

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
