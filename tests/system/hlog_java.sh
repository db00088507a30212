#!/usr/bin/env bash
# hlog_java.sh ECHOD ECHOC: the .hlog of a run, and those of a fleet, added up by HdrHistogram's Java
# library, must give the same count, maximum, mean and percentiles as echoc merge, which knows the
# buckets alone as the library does. Exit 77: there is no library.
set -euo pipefail
echod=$1
echoc=$2
jar=/usr/share/java/hdrhistogram.jar
if ! command -v java >/dev/null || [[ ! -e $jar ]]; then
  echo "skipped: apt-get install default-jre-headless libhdrhistogram-java"
  exit 77
fi

folder=$(mktemp -d)
"$echod" -l 127.0.0.1:0 --port-file "$folder/port" 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" || true; rm -rf "$folder"' EXIT
for _ in {1..1000}; do
  [[ -s $folder/port ]] && break
  kill -0 "$server"
  sleep 0.01
done

# Both print a row for the same percentiles: value, percentile, count. Their last columns differ, and
# ours has more digits.
rows() {
  tr -d ',]' <"$1" | awk '/^ *[0-9]/ { printf "%.3f %.6f %d\n", $1, $2, $3 }
    /^#.M/ { printf "%s %.3f %.3f\n", $1, $3, $NF }'
}

# compare LOG: what the library makes of that file, with what echoc made of the run or the runs.
compare() {
  java -cp "$jar" org.HdrHistogram.HistogramLogProcessor -i "$1" >"$folder/java"
  rows "$folder/hgrm" >"$folder/ours"
  rows "$folder/java" >"$folder/theirs"
  count=$(grep -c ' ' "$folder/ours")
  ((count > 20)) || { echo "only $count rows"; exit 1; }
  diff "$folder/ours" "$folder/theirs"
  echo "$count rows are the same"
}

# load ARGUMENT...: a busy machine may not send all in time; what it sent is still in the histogram.
load() {
  "$echoc" load "$(head -n 1 "$folder/port")" -c 20 -r 20k -i 100ms -q "$@" || (($? == 1))
}

load -d 2s --hlog "$folder/hlog"
"$echoc" merge "$folder/hlog" --hgrm "$folder/hgrm"
compare "$folder/hlog"

# A fleet: to the library their rows are those of one log.
logs=()
for share in 1/3 2/3 3/3; do
  logs+=("$folder/hlog${share%/*}")
  load -d 1s --share "$share" --hlog "${logs[-1]}"
done
"$echoc" merge "${logs[@]}" --hgrm "$folder/hgrm"
{ cat "${logs[0]}" && grep -hv '^[#"]' "${logs[@]:1}"; } >"$folder/all"
compare "$folder/all"
