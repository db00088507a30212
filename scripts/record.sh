#!/usr/bin/env bash
# Records the terminal session of the README: scripts/record.sh [FILE.svg], docs/recording.svg unless
# given. In a network of its own, so that port 7007 is free.
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"
PATH=$root/build/release/bin:$PATH

# shown COMMAND: types it behind a prompt, and runs it.
shown() {
  local i
  printf '\e[1;32m$\e[0m '
  for ((i = 0; i < ${#1}; i++)); do
    printf '%s' "${1:i:1}"
    sleep 0.03
  done
  echo
  (exit "$status") # so that $? is that of the command before
  eval "$1"
  status=$?
}

# What the recording shows.
play() {
  ip link set lo up
  echod 2>/dev/null &
  server=$!
  trap 'kill -CONT $server; kill $server' EXIT
  until (: </dev/tcp/127.0.0.1/7007) 2>/dev/null; do sleep 0.1; done
  set +e
  status=0
  shown 'echoc ping -n 3 -i 400ms :7007'
  sleep 1
  # shellcheck disable=SC2016 # it is shown so
  shown '(sleep 2; kill -STOP $server; sleep 2; kill -CONT $server) &  # it freezes'
  shown "echoc load -w 1 -c 50 -r 1000 -d 6s --slo 'p99<5ms' :7007"
  # shellcheck disable=SC2016
  shown 'echo $?  # 3: the objective was missed'
  sleep 4
}

if [[ ${1-} == --play ]]; then
  play
else
  # termtosvg ends at the end of its input, and would leave an empty picture.
  [[ -t 0 ]] || die "this needs a terminal, and standard input is none"
  need build record
  build release echod echoc
  file=$(readlink -f "${1:-$root/docs/recording.svg}")
  termtosvg "$file" -g 80x30 -m 50 -t gjm8 \
    -c "unshare --map-root-user --net '$(readlink -f "$0")' --play" >/dev/null
  say "$file: $(stat -c %s "$file") bytes"
fi
