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

# Both print a row for the same percentiles: value, percentile, count. Their last columns differ.
rows() {
  tr -d ',]' <"$1" | awk '/^ *[0-9]/ { print "row", $1, $2, $3 }  /^#.M/ { print $1, $3, $NF }'
}

# compare LOG: what the library makes of that file, with what echoc made of the run or the runs. The
# library rounds to three digits, or to twelve, and echoc to six: the same number is then printed at
# most half a digit of each apart, and rounding ours once more would not give theirs.
compare() {
  java -cp "$jar" org.HdrHistogram.HistogramLogProcessor -i "$1" >"$folder/java"
  rows "$folder/hgrm" >"$folder/ours"
  rows "$folder/java" >"$folder/theirs"
  paste -d ' ' "$folder/ours" "$folder/theirs" | awk '
    function half_a_digit(number,  point) {
      point = index(number, ".")
      return point ? 0.5 / 10 ^ (length(number) - point) : 0
    }
    function apart(a, b) { return a > b ? a - b : b - a }
    {
      same = NF % 2 == 0 && $1 == $(NF / 2 + 1)
      for (i = 2; i <= NF / 2; ++i) {
        a = $i; b = $(i + NF / 2)
        if (apart(a, b) > half_a_digit(a) + half_a_digit(b) + 1e-12) same = 0
      }
      if (!same) { print "not the same: " $0; bad = 1 }
    }
    END {
      if (NR <= 20) { print "only " NR " rows"; bad = 1 }
      if (!bad) print NR " rows are the same"
      exit bad
    }'
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
