#!/usr/bin/env bash
# Builds the fuzzers and runs each for some seconds on a copy of its corpus: scripts/fuzz.sh [SECONDS]
# Ends with 1 where one finds something; the inputs that did it are then in build/fuzz/findings/.
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"

seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "'$seconds' is not a number of seconds from 1"

need build fuzz
mapfile -t fuzzers < <(cd "$root/tests/fuzz/corpus" && ls)
build fuzz "${fuzzers[@]/%/_fuzzer}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$root/tests/fuzz/corpus/." "$work"
findings=$root/build/fuzz/findings
rm -rf "$findings"
mkdir -p "$findings"

# fuzz NAME: what libFuzzer says is shown only if it finds something, but for its last line.
fuzz() {
  local log=$findings/$1.log
  if "$root/build/fuzz/bin/$1_fuzzer" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$findings/$1-" "$work/$1" >"$log" 2>&1; then
    say "$1: nothing found, $(sed -n 's/stat::number_of_executed_units: *//p' "$log") runs"
  else
    tail -n 60 "$log" >&2
    say "$1: FOUND something, see $findings"
    return 1
  fi
}
export -f fuzz say
export root seconds work findings

say "fuzzing, each for $seconds s"
printf '%s\n' "${fuzzers[@]}" | xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'fuzz {}'
