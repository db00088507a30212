#!/usr/bin/env python3
"""echoc idle through HAProxy, whose client timeout lies between the gaps: haproxy_idle.py ECHOD ECHOC.
Skipped (77) without haproxy."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

haproxy = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
if haproxy is None:
    print("skipped: there is no haproxy here (apt-get install haproxy)")
    sys.exit(77)
echod, echoc = sys.argv[1:]
config = """
defaults
  mode tcp
  timeout connect 1m
  timeout client 4s
  timeout server 1h
frontend front
  bind unix@{front}
  default_backend back
backend back
  server a 127.0.0.1:{port}
"""


def wait_for(find):
    for _ in range(6000):
        if found := find():
            return found
        time.sleep(0.05)
    raise TimeoutError(find)


def accepts():
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(front) == 0


def port_of(log):
    if not os.path.exists(log):
        return None
    with open(log, encoding="utf-8") as file:
        found = re.search(r"listening on 127\.0\.0\.1:(\d+)\n", file.read())
    return found and found[1]


started = []
with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    log, front = os.path.join(folder, "log"), os.path.join(folder, "front")
    try:
        started.append(subprocess.Popen([
            echod, "--listen", "127.0.0.1:0", "--log-file", log, "--keepalive", "0",
            "--idle-timeout", "0"]))
        port = wait_for(lambda: port_of(log))
        file = os.path.join(folder, "haproxy.cfg")
        with open(file, "w", encoding="utf-8") as output:
            output.write(config.format(front=front, port=port))
        started.append(subprocess.Popen([haproxy, "-db", "-f", file]))
        wait_for(accepts)
        idle = subprocess.run([echoc, "idle", "--gaps", "100ms,1h", "--json", "-", f"unix:{front}"],
                              stdout=subprocess.PIPE, check=True)
        target = json.loads(idle.stdout)["targets"][0]
        print(json.dumps(target, indent=1))
        assert [gap["verdict"] for gap in target["gaps"]] == ["alive", "closed"]
        assert target["longest_alive_s"] == 0.1
        # HAProxy's clock begins a little before that of echoc, which has to get its turn.
        assert target["shortest_dead_s"] > 1
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
