#!/usr/bin/env bash
# hlog_java.sh ECHOD ECHOC: the .hlog of a run, added up by HdrHistogram's Java library, must give
# the same count, maximum, mean and percentiles as echoc's own .hgrm. Exit 77: there is no library.
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

"$echoc" load "$(head -n 1 "$folder/port")" -c 20 -r 20k -d 2s -i 100ms -q \
  --hlog "$folder/hlog" --hgrm "$folder/hgrm"
java -cp "$jar" org.HdrHistogram.HistogramLogProcessor -i "$folder/hlog" >"$folder/java"

# Both print a row for the same percentiles: value, percentile, count. Their last columns differ.
rows() { awk '/^ *[0-9]/ { printf "%.3f %.6f %d\n", $1, $2, $3 } /^#\[M/' "$1"; }
rows "$folder/hgrm" >"$folder/ours"
rows "$folder/java" >"$folder/theirs"
count=$(grep -c ' ' "$folder/ours")
((count > 20)) || { echo "only $count rows"; exit 1; }
diff "$folder/ours" "$folder/theirs"
echo "$count rows are the same"
