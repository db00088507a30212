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
pid() { systemctl show --property MainPID --value echod.service; }
is() { [[ $(systemctl "is-$1" "echod.$2") == "$3" ]]; }
# The inode of the socket that listens on port 7.
listening() { awk '$2 ~ /:0007$/ && $4 == "0A" { print $10 }' /proc/net/tcp /proc/net/tcp6; }

files >before
apt-get install -y ./*.deb
is enabled service enabled
is active service active
is enabled socket disabled
is active socket inactive
echoes 127.0.0.1:7007
[[ $(stat -c %u "/proc/$(pid)") != 0 ]]

: a reload takes a change of /etc/echod.conf
echo 'log-file = /var/log/echod/log' >>/etc/echod.conf
systemctl reload echod
until [[ -e /var/log/echod/log ]]; do sleep 0.1; done

: an upgrade restarts the service and keeps its settings
old=$(pid)
apt-get install -y ./next/*.deb
[[ $(dpkg-query -W -f '${Version}' echod) == *-2 ]]
is active service active
[[ $(pid) != "$old" ]]
grep -q '^log-file' /etc/echod.conf
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
[[ -e /etc/echod.conf ]]

: a purge leaves nothing
apt-get purge -y --autoremove echod echoc
diff before <(files)
