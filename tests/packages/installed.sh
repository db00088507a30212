#!/usr/bin/env bash
# What the packages do on a Debian with systemd, from the first installation to the purge. Root runs
# it, in a container of scripts/package-test.sh, with the packages in this folder and next/.
set -euxo pipefail
cd "$(dirname "$0")"
exec >log 2>&1
export DEBIAN_FRONTEND=noninteractive

files() {
  find / -xdev \( -path "$PWD" -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o \
    -path /var/log/journal -o -path /var/log/apt -o -path /var/log/dpkg.log \) -prune -o -print | sort
}
echoes() { echoc "$1" </usr/bin/echod >echoed && cmp echoed /usr/bin/echod; }
pid() { systemctl show --property MainPID --value "${1:-echod}.service"; }
is() { [[ $(systemctl "is-$1" "echod.$2") == "$3" ]]; }
# The inode of the socket that listens on port 7.
journal() { journalctl --unit echod.service --output cat "$@"; }
# The service is restarted with this line in place of the setting in its file.
set_up() {
  sed -i "/^#\?${1%% *} /d" /etc/echod.toml
  echo "$1" >>/etc/echod.toml
  systemctl restart echod
}
metrics() {
  exec 3<>/dev/tcp/127.0.0.1/9107
  printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
  cat <&3
  exec 3<&-
}
query() { ./promtool query instant http://127.0.0.1:9090 "$1" || true; }
listening() { awk '$2 ~ /:0007$/ && $4 == "0A" { print $10 }' /proc/net/tcp /proc/net/tcp6; }

apt-get install -y logrotate
files >before
apt-get install -y ./*.deb
is enabled service enabled
is active service active
is enabled socket disabled
is active socket inactive
echoes 127.0.0.1:7007
[[ $(stat -c %u "/proc/$(pid)") != 0 ]]

: its lines in the journal have a priority and one time, and there is no heartbeat
journal --priority info..info | grep '^info  \[echod\] listening on 127.0.0.1:7007$'
[[ $(journal | grep -cE '^(<|20|.*Waiting for client)') == 0 ]]

: a reload takes a change of /etc/echod.toml
log=/var/log/echod/echod.log
echo "log-file = \"$log\"" >>/etc/echod.toml
systemctl reload echod
until [[ -e $log ]]; do sleep 0.1; done

: a reload with a fault fails, the reason is in the journal, and the service goes on
cp /etc/echod.toml good
echo 'idle-timeout = "5x"' >>/etc/echod.toml
(! systemctl reload echod)
until journal --priority err | grep "idle-timeout: '5x'"; do sleep 0.1; done
is active service active
systemctl kill --kill-whom=main --signal HUP echod
until journal --priority err | grep "reload failed: .*idle-timeout: '5x'"; do sleep 0.1; done
echoes 127.0.0.1:7007
cp good /etc/echod.toml
systemctl reload echod

: the log is rotated
rm -f "$log".*
logrotate --force --verbose --state "$PWD/state" /etc/logrotate.d/echod
until [[ -e $log ]]; do sleep 0.1; done
[[ -s $log.1 ]]
echoes 127.0.0.1:7007

: the unit has room for more connections than the default
set_up 'max-connections = 15_000'
(! grep 'max-connections lowered' "$log")

: echoc ping is a service that has no targets yet
[[ $(systemctl is-enabled echoc-ping) == disabled ]]
echo 'ECHOC_PING=--metrics 127.0.0.1:9108 -i 100ms 127.0.0.1:7007' >/etc/default/echoc-ping
systemctl enable --now echoc-ping

: each alert rule has its metrics in the services, and some fire on a restart and while it is down
set_up 'metrics = "127.0.0.1:9107"'
cat >prometheus.yml <<EOF
global: {evaluation_interval: 1s}
rule_files: [/usr/share/echod/alerts.yml, /usr/share/echoc/ping_alerts.yml]
$(sed 's/scrape_interval: .*/scrape_interval: 1s/' /usr/share/echod/scrape.yml)
$(sed '1,/^scrape_configs/d; s/scrape_interval: .*/scrape_interval: 1s/' /usr/share/echoc/ping_scrape.yml)
EOF
./promtool check config prometheus.yml
./prometheus --config.file=prometheus.yml --storage.tsdb.path="$PWD/data" \
  --web.listen-address=127.0.0.1:9090 >prometheus.log 2>&1 &
prometheus=$!
until [[ $(query 'up{job="echod"} == 1') && $(query 'echoc_ping_up == 1') ]]; do sleep 0.2; done
has_what_it_asks_for() { # JOB RULES FEWEST
  local asked metric
  asked=$(sed -n 's/^ *expr: //p' "$2" | grep -oE '\b(echod|echoc|process)_[a-z_]+' | sort -u)
  [[ $(wc -w <<<"$asked") -ge $3 ]]
  for metric in $asked; do [[ $(query "$metric{job=\"$1\"}") ]]; done
}
has_what_it_asks_for echod /usr/share/echod/alerts.yml 9
has_what_it_asks_for echoc-ping /usr/share/echoc/ping_alerts.yml 4
[[ ! $(query 'ALERTS{alertname="EchodRestarts"}') ]]
systemctl restart echod
until [[ $(query 'ALERTS{alertname="EchodRestarts",alertstate="firing"}') ]]; do sleep 0.2; done
systemctl stop echod
until [[ $(query 'ALERTS{alertname="EchocPingTargetDown"}') ]]; do sleep 0.2; done
systemctl start echod
until [[ $(query 'echoc_ping_up == 1') ]]; do sleep 0.2; done
systemctl stop echoc-ping
kill "$prometheus"
wait "$prometheus" || true

: a drain may take longer than the unit allows for a stop
mkdir -p /run/systemd/system/echod.service.d
printf '[Service]\nTimeoutStopSec=1s\n' >/run/systemd/system/echod.service.d/stop.conf
systemctl daemon-reload
set_up 'drain-timeout = "4s"'
# A client that writes and never reads.
exec 4<>/dev/tcp/127.0.0.1/7007
cat /dev/zero >&4 &
writer=$!
received() { metrics | sed -n 's/^echod_received_bytes_total //p'; }
last=0
until now=$(received) && [[ $now != 0 && $now == "$last" ]]; do last=$now && sleep 0.5; done
systemctl stop echod
[[ $(systemctl show --property Result --value echod) == success ]]
[[ $(systemctl show --property ExecMainCode --value echod) == 1 ]]
[[ $(systemctl show --property ExecMainStatus --value echod) == 3 ]]
kill "$writer" || true
exec 4<&-
rm -r /run/systemd/system/echod.service.d
systemctl daemon-reload

: a port below 1024 by the capability that the unit has, and by the setting of the kernel
set_up 'listen = "127.0.0.1:8"'
echoes 127.0.0.1:8
echo 9 >/proc/sys/net/ipv4/ip_unprivileged_port_start
setpriv --reuid=nobody --regid=nogroup --clear-groups --bounding-set=-all --inh-caps=-all \
  echod --listen 127.0.0.1:9 --port-file /tmp/echod.port &
unprivileged=$!
until [[ -e /tmp/echod.port ]]; do sleep 0.1; done
echoes 127.0.0.1:9
kill "$unprivileged"
wait "$unprivileged"
echo 1024 >/proc/sys/net/ipv4/ip_unprivileged_port_start
sed -i '/^listen /d' /etc/echod.toml
systemctl restart echod

: an upgrade restarts the services and keeps the settings
systemctl start echoc-ping
old=$(pid)
old_ping=$(pid echoc-ping)
apt-get install -y ./next/*.deb
[[ $(dpkg-query -W -f '${Version}' echod) == *-2 ]]
is active service active
[[ $(pid) != "$old" ]]
[[ $(pid echoc-ping) != "$old_ping" && $(pid echoc-ping) != 0 ]]
grep -q '^log-file' /etc/echod.toml
echoes 127.0.0.1:7007

: and one that was stopped and disabled stays so
systemctl disable --now echod.service
apt-get install -y --reinstall ./next/*.deb
is enabled service disabled
is active service inactive

: port 7 with the socket, which an upgrade leaves open
systemctl enable --now echod.socket
is active service inactive
echoes 127.0.0.1:7
is active service active
old=$(pid)
socket=$(listening)
apt-get install -y --reinstall ./next/*.deb
[[ $(pid) != "$old" ]]
[[ $socket && $(listening) == "$socket" ]]
echoes 127.0.0.1:7

: a removal stops both and keeps the settings
apt-get remove -y echod
is active service inactive
is active socket inactive
[[ ! $(listening) ]]
[[ -e /etc/echod.toml ]]

: so does that of the client
apt-get remove -y echoc
[[ $(systemctl is-active echoc-ping) == inactive ]]
rm /etc/default/echoc-ping

: a purge leaves nothing
apt-get purge -y --autoremove echod echoc
diff before <(files)
