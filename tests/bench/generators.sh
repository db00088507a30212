#!/usr/bin/env bash
# generators.sh [BIN [CONNECTIONS [SIZE [SECONDS [ROUNDS]]]]]: messages a second of echoc load beside
# those of the yardsticks, in turns, against one echod; server and client have a core each.
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

one() {
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
median() { sort -n "$folder/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
threads=$(median thread_client)
epoll=$(median epoll_client)
ours=$(median echoc)
echo "$connections connections, $size bytes, median of $rounds rounds of $seconds s:"
awk -v t="$threads" -v e="$epoll" -v o="$ours" 'BEGIN {
  printf "  thread per connection %d/s, bare epoll %d/s, echoc load %d/s\n", t, e, o
  printf "  echoc load is %.2f of thread per connection and %.2f of bare epoll\n", o / t, o / e
}'
