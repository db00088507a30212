#!/usr/bin/env bash
# Connections times sizes, each a run of echoc load, as a table and a CSV:
#   scripts/sweep.sh [-c LIST] [-s LIST] [-d D] [-o CSV] [ADDR]
# Defaults: -c 1,10,100,1000 -s 64,1k,16k -d 3s -o build/sweep.csv; without ADDR it starts an echod.
# Exit status: 0, or the highest of any run.
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"
# shellcheck source=scripts/target.sh
source "$root/scripts/target.sh"

usage="usage: scripts/sweep.sh [-c LIST] [-s LIST] [-d D] [-o CSV] [ADDR]"
connections=1,10,100,1000
sizes=64,1k,16k
duration=3s
csv=$root/build/sweep.csv
while getopts c:s:d:o: option; do
  case $option in
    c) connections=$OPTARG ;;
    s) sizes=$OPTARG ;;
    d) duration=$OPTARG ;;
    o) csv=$OPTARG ;;
    *)
      say "$usage"
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))

# field FILE PATH: a number of a result, such as latency.percentiles.99; each key has a line.
field() {
  awk -v path="$2" 'BEGIN { n = split(path, keys, "/"); at = 1 }
    $1 == "\"" keys[at] "\":" { if (at++ == n) { gsub(/[",]/, "", $2); print $2; exit } }' "$1"
}

target "$@"
result=$(mktemp)
trap 'rm -f "$result"; [[ -z ${server:-} ]] || stop_target' EXIT
columns=(connections size echoed rate p50_us p99_us max_us failed status)
(IFS=, && echo "${columns[*]}") >"$csv"
printf '%11s %8s %12s %12s %10s %10s %10s %8s %7s\n' "${columns[@]}"
worst=0
for count in ${connections//,/ }; do
  for size in ${sizes//,/ }; do
    status=0
    "$echoc" load "$address" -c "$count" -s "$size" -d "$duration" -q --json "$result" || status=$?
    ((status <= worst)) || worst=$status
    ((status != 2)) || exit 2
    [[ -s $result ]] || die "no result for $count connections of $size"
    sent=$(field "$result" messages/sent)
    echoed=$(field "$result" messages/echoed)
    row=("$count" "$size" "$echoed" "$(field "$result" rate/achieved)"
      "$(field "$result" latency/percentiles/50)" "$(field "$result" latency/percentiles/99)"
      "$(field "$result" latency/max)" "$((sent - echoed))" "$status")
    (IFS=, && echo "${row[*]}") >>"$csv"
    printf '%11s %8s %12s %12s %10s %10s %10s %8s %7s\n' "${row[@]}"
  done
done
say "CSV: $csv"
exit "$worst"
