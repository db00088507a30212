#!/usr/bin/env bash
# generators.sh [BIN [CONNECTIONS [SIZE [SECONDS [ROUNDS]]]]]: messages a second of echoc load beside
# those of the yardsticks, in turns, against one echod; server and client have a core each. Where
# the server is the slower one, the processor time for a message tells what the rates hide.
set -euo pipefail
bin=${1:-$(dirname "$0")/../../build/release/bin}
connections=${2:-50}
size=${3:-512}
seconds=${4:-4}
rounds=${5:-5}

folder=$(mktemp -d)
taskset -c 0 "$bin/echod" -l 127.0.0.1:0 --port-file "$folder/port" 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" || true; rm -rf "$folder"' EXIT
until [[ -s $folder/port ]]; do
  kill -0 "$server"
  sleep 0.01
done
address=$(head -n 1 "$folder/port")
port=${address##*:}

# Prints messages a second and the client's processor time for each in microseconds.
one() {
  local rate cpu
  local TIMEFORMAT='%U %S'
  {
    cpu=$({ time pinned "$1" >"$folder/rate" 2>/dev/null; } 2>&1)
  }
  rate=$(<"$folder/rate")
  echo "$rate $cpu" | awk -v s="$seconds" '{ printf "%d %.3f\n", $1, ($2 + $3) * 1e6 / ($1 * s) }'
}

pinned() {
  case $1 in
    echoc)
      taskset -c 1 "$bin/echoc" load "$address" -w 1 -c "$connections" -s "$size" -d "$seconds" \
        --json - | awk '/"achieved"/ { printf "%.0f\n", $2 }'
      ;;
    *) taskset -c 1 "$bin/bench_$1" "$port" "$connections" "$size" "$seconds" ;;
  esac
}

for ((round = 0; round < rounds; ++round)); do
  for client in thread_client epoll_client echoc; do one "$client" >>"$folder/$client"; done
done
median() { sort -n "$folder/$1" | awk '{ v[NR] = $0 } END { print v[int((NR + 1) / 2)] }'; }
echo "$connections connections, $size bytes, median of $rounds rounds of $seconds s:"
{
  for client in thread_client epoll_client echoc; do echo "$client $(median "$client")"; done
} | awk '{ rate[$1] = $2; cpu[$1] = $3
    printf "  %-14s %8d messages/s, %6.3f us of processor time each\n", $1, $2, $3 }
  END {
    printf "  echoc beside thread_client: %.2f of the rate, %.2f of the messages per processor time\n",
      rate["echoc"] / rate["thread_client"], cpu["thread_client"] / cpu["echoc"]
    printf "  echoc beside epoll_client:  %.2f of the rate, %.2f of the messages per processor time\n",
      rate["echoc"] / rate["epoll_client"], cpu["epoll_client"] / cpu["echoc"] }'
