#!/usr/bin/env bash
# fleet.sh ECHOD ECHOC SCRIPT: three hosts, each a network namespace with an sshd of its own, make one
# load by scripts/fleet.sh, and their merged result is the whole load; with one sshd less the share
# that is missing is named. Exit 77: this is not root, or a program is missing.
set -euo pipefail
echod=$1
export ECHOC=$2
fleet=$3
skip() {
  echo "skipped: $*"
  exit 77
}
((EUID == 0)) || skip "needs root"
for program in parallel ip ssh ssh-keygen python3; do
  command -v "$program" >/dev/null || skip "apt-get install parallel openssh-server iproute2 python3"
done
sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || skip "apt-get install openssh-server"
grep -q '^root:!' /etc/shadow && skip "root's account is locked, so that sshd lets nobody in"

folder=$(mktemp -d)
hub=fleet-hub-$$
if ! ip netns add "$hub" 2>/dev/null; then
  rm -rf "$folder"
  skip "network namespaces are not allowed here"
fi
pids=()
spaces=("$hub")
made_run=
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  for space in "${spaces[@]}"; do ip netns del "$space" || true; done
  [[ -z $made_run ]] || rmdir /run/sshd 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

# until_it COMMAND...: tries until it succeeds; a process that has ended is not waited for.
until_it() {
  until "$@" 2>/dev/null; do
    for pid in "${pids[@]}"; do kill -0 "$pid" || { cat "$folder"/*.log && exit 1; }; done
    sleep 0.05
  done
}

ip -n "$hub" link set lo up
ip -n "$hub" address add 10.77.0.1/32 dev lo
ssh-keygen -q -t ed25519 -N '' -f "$folder/key"
ssh-keygen -q -t ed25519 -N '' -f "$folder/host_key"
cat >"$folder/sshd_config" <<END
HostKey "$folder/host_key"
AuthorizedKeysFile "$folder/key.pub"
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
END
[[ -d /run/sshd ]] || { mkdir /run/sshd && made_run=1; }

hosts=()
for i in 1 2 3; do
  space=fleet-$i-$$
  ip netns add "$space"
  spaces+=("$space")
  ip -n "$hub" link add "host$i" type veth peer name eth0 netns "$space"
  ip -n "$hub" address add "10.77.$i.1/30" dev "host$i"
  ip -n "$hub" link set "host$i" up
  ip -n "$space" link set lo up
  ip -n "$space" address add "10.77.$i.2/30" dev eth0
  ip -n "$space" link set eth0 up
  ip -n "$space" route add default via "10.77.$i.1"
  # ip becomes sshd, so this is its id.
  ip netns exec "$space" "$sshd" -D -e -p 2222 -f "$folder/sshd_config" 2>"$folder/sshd$i.log" &
  pids+=("$!")
  hosts+=("root@10.77.$i.2")
done
ip netns exec "$hub" "$echod" -l 10.77.0.1:7007 --log-level debug 2>"$folder/echod.log" &
pids+=("$!")
until_it grep -q 'listening on' "$folder/echod.log"
for i in 1 2 3; do
  until_it ip netns exec "$hub" bash -c "</dev/tcp/10.77.$i.2/2222"
done

printf -v SSH '%s ' ssh -F none -p 2222 -i "$folder/key" -o BatchMode=yes -o LogLevel=ERROR \
  -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes
export SSH PARALLEL_HOME=$folder/parallel
mkdir "$PARALLEL_HOME"

# run_fleet: its output, status and errors; a machine that takes long to log in gets more time.
run_fleet() {
  for DELAY in 4 15 60; do
    export DELAY
    status=0
    ip netns exec "$hub" "$fleet" "$(IFS=, && echo "${hosts[*]}")" 10.77.0.1:7007 -c 10 -r 300 \
      -n 301 -- --json "$folder/merged.json" >"$folder/output" 2>"$folder/errors" || status=$?
    grep -q 'has passed' "$folder/errors" || return 0
  done
}

fail() {
  echo "$*, status $status"
  cat "$folder/output" "$folder/errors" "$folder"/sshd*.log
  exit 1
}

run_fleet
((status == 0)) || fail "the fleet failed"
python3 - "$folder/merged.json" <<'END' || fail "the sum is not the whole load"
import json, sys
result = json.load(open(sys.argv[1], encoding="utf-8"))
assert result["generators"] == 3, result["generators"]
assert result["share"] == "1/3, 2/3, 3/3", result["share"]
assert sorted(result["label"].split(", ")) == ["10.77.%d.2" % i for i in (1, 2, 3)], result["label"]
assert result["connections"]["made"] == 10, result["connections"]
assert result["messages"]["echoed"] == 301, result["messages"]
assert abs(result["rate"]["asked"] - 300) < 1e-6, result["rate"]
END
for i in 1 2 3; do
  grep -q "connected from 10.77.$i.2:" "$folder/echod.log" || fail "nothing came from host $i"
done

kill "${pids[2]}"
wait "${pids[2]}" || true
unset 'pids[2]'
run_fleet
((status == 1)) || fail "a host is gone and the fleet did not fail"
grep -Eq '^echoc: shares? ./3.* (is|are) missing$' "$folder/errors" || fail "no share is missing"
echo "three hosts made one load, and the one that was gone was named"
