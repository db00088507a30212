#!/usr/bin/env bash
# Serves a crowd of bad clients for a while, does faults to the server meanwhile, and checks every
# second what it takes and whether it serves and is scraped, and in the end whether it has counted
# every client: scripts/soak.sh DURATION [echod options]
# DURATION is 30s, 10m, 8h. Exit 0: every check passed.
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"

[[ ${1-} =~ ^([1-9][0-9]*)(s|m|h|)$ ]] || die "usage: scripts/soak.sh DURATION [echod options]"
declare -A unit=([s]=1 [m]=60 [h]=3600)
duration=$((BASH_REMATCH[1] * ${unit[${BASH_REMATCH[2]:-s}]}))
shift

need build test
build release echod echoc churn
bin=$root/build/release/bin
work=$(mktemp -d)
failures=0
server='' crowd=''
trap 'kill -KILL $server $crowd 2>/dev/null || true; rm -rf "$work"' EXIT

# Tighter than the crowd needs, so that clients wait, become idle and stall all the time.
configure_server() {
  printf '%s\n' "max-connections = $1" 'when-full = "wait"' 'idle-timeout = 2' 'write-timeout = 2' \
    'max-lifetime = 20' 'heartbeat = 1' 'drain-timeout = 5' >"$work/new"
  mv "$work/new" "$work/config"
}
most=48
configure_server "$most"
"$bin/echod" --config "$work/config" -l 127.0.0.1:0 --port-file "$work/port" \
  --metrics 127.0.0.1:0 --log-file "$work/log" "$@" &
server=$!
until [[ -s $work/port ]]; do
  kill -0 "$server" 2>/dev/null || die "echod did not start"
  sleep 0.1
done
address=$(head -n 1 "$work/port")
metrics=$(sed -n 's/.* metrics on //p' "$work/log")
echoes=0
head -c 65536 /dev/urandom >"$work/bytes"

memory() { awk '/^VmRSS/ { print $2 }' "/proc/$server/status"; }
# Its thread may end while it is looked at.
workers() { cat "/proc/$server/task"/*/comm 2>/dev/null | grep -c '^worker-' || true; }
threads() { find "/proc/$server/task" -mindepth 1 -maxdepth 1 | wc -l; }
descriptors() { find "/proc/$server/fd" -mindepth 1 -maxdepth 1 | wc -l; }
fresh_echo() {
  echoes=$((echoes + 1))
  timeout 30 "$bin/echoc" "$address" <"$work/bytes" >"$work/back" && cmp -s "$work/bytes" "$work/back"
}
# scrape METRIC...: their values on one line.
scrape() {
  printf 'GET /metrics HTTP/1.0\r\n\r\n' |
    timeout 30 nc "${metrics%:*}" "${metrics##*:}" >"$work/page" || return
  for metric; do awk -v name="$metric" '$1 == name { print $2 }' "$work/page"; done | paste -sd ' '
}

fail() {
  failures=$((failures + 1))
  say "FAILED after $((SECONDS - started)) s: $*"
}

# Each second's faults; what one second does to the server it has undone before the next check.
stop_and_continue() {
  kill -STOP "$server"
  sleep 0.$((RANDOM % 9 + 1))
  kill -CONT "$server"
}
squeeze_descriptors() {
  prlimit --pid "$server" --nofile="$(($(descriptors) + RANDOM % 4)):"
  sleep 1
  prlimit --pid "$server" --nofile="$limit:"
}
reload() {
  case $((reloads++ % 3)) in
    0) configure_server $((most - 16)) ;;
    1) echo "max-connections = many" >"$work/config" ;;
    2) configure_server "$most" ;;
  esac
  mv "$work/log" "$work/log.$reloads"
  kill -HUP "$server"
  until [[ -e $work/log ]]; do sleep 0.1; done
}
do_faults() {
  ((second % 3 != 1)) || stop_and_continue
  ((second % 5 != 2)) || squeeze_descriptors
  ((second % 7 != 3)) || reload
  ((second % 4 != 0)) || kill -USR1 "$server"
}

check() {
  local now_threads now_descriptors
  now_threads=$(threads) now_descriptors=$(descriptors)
  echo "$((SECONDS - started)) $(memory) $now_threads $now_descriptors" >>"$work/samples"
  ((now_threads <= base_threads + most + 1)) || fail "$now_threads threads"
  ((now_descriptors <= base_descriptors + most + 8)) || fail "$now_descriptors descriptors"
  fresh_echo || fail "a fresh client got no echo"
  [[ $(scrape echod_connections_live) == [0-9]* ]] || fail "there is no metrics page"
}

# "KiB a minute" of the line through the samples of the last three quarters: what grows in the
# beginning is not yet a leak.
slope() {
  awk -v from="$((duration / 4))" '$1 >= from { n++; x += $1; y += $2; xx += $1 * $1; xy += $1 * $2 }
    END { d = n * xx - x * x; printf "%d", (d > 0 ? 60 * (n * xy - x * y) / d : 0) }' "$work/samples"
}

steady_workers=$(workers) # those of --workers N
fresh_echo || die "echod does not echo"
while (($(workers) > steady_workers)); do sleep 0.1; done # until that of the echo has retired
base_threads=$(threads) base_descriptors=$(descriptors) base_memory=$(memory)
limit=$(prlimit --pid "$server" --nofile --noheadings --output SOFT | tr -d ' ')
started=$SECONDS second=0 reloads=0
"$bin/churn" "$address" "$duration" >"$work/crowd" &
crowd=$!
say "soaking $address for $duration s"
while ((SECONDS - started < duration)) && kill -0 "$server" 2>/dev/null; do
  next=$((SECONDS + 1))
  do_faults
  check
  second=$((second + 1))
  while ((SECONDS < next)); do sleep 0.1; done
done

wait "$crowd" || fail "the crowd got bytes back that it had not sent"
fresh_echo || fail "no echo after the load"
for ((tries = 0; tries < 100; tries++)); do
  (($(threads) == base_threads && $(descriptors) == base_descriptors)) && break
  sleep 0.1
done
end_threads=$(threads) end_descriptors=$(descriptors) end_memory=$(memory) end_slope=$(slope)
((end_threads == base_threads)) || fail "$end_threads threads are left of $base_threads"
((end_descriptors == base_descriptors)) ||
  fail "$end_descriptors descriptors are left of $base_descriptors"
if ((duration >= 180)); then
  ((end_slope < 1024)) || fail "memory grows by $end_slope KiB a minute"
fi
# Each client that connected was accepted and ended, and the line of all counters says the same.
connected=$(sed -n 's/^clients: \([0-9]*\) connected.*/\1/p' "$work/crowd")
kill -USR1 "$server"
read -r accepted live <<<"$(scrape echod_connections_accepted_total echod_connections_live)"
((accepted == connected + echoes && live == 0)) ||
  fail "of $connected clients and $echoes of this script $accepted were accepted, $live are left"
for ((tries = 0; tries < 100; tries++)); do
  ! grep -q " counters: accepted=$accepted live=$live " "$work/log" || break
  sleep 0.1
done
((tries < 100)) || fail "no line of all counters says so too"
kill -TERM "$server"
wait "$server" && status=0 || status=$?
((status == 0)) || fail "echod ended with $status"
broken=$(cat "$work"/log* | grep -c 'ended by an exception\|callback failed') || true
((broken == 0)) || fail "$broken exceptions in the log"

column -t -s '|' <<EOF
|before|highest|after
memory, KiB|$base_memory|$(sort -n -k 2 "$work/samples" | awk 'END { print $2 }')|$end_memory
threads|$base_threads|$(sort -n -k 3 "$work/samples" | awk 'END { print $3 }')|$end_threads
descriptors|$base_descriptors|$(sort -n -k 4 "$work/samples" | awk 'END { print $4 }')|$end_descriptors
EOF
cat "$work/crowd"
grep -h 'stopped: ' "$work/log"
echo "$(wc -l <"$work/samples") checks, $reloads reloads, memory grows by $end_slope KiB a minute, exit status $status"
echo "$failures failed"
((failures == 0))
