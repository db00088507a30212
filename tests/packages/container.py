#!/usr/bin/env python3
"""The image's command line and health check, tried on echod itself: container.py ECHOD CONTAINERFILE"""
import json
import re
import socket
import subprocess
import sys
import tempfile
import time

echod, containerfile = sys.argv[1:]
with open(containerfile, encoding="utf-8") as file:
    text = re.sub(r"\\\n", "", file.read())
command = json.loads(re.search(r"^CMD (\[.*\])$", text, re.M)[1])
health = json.loads(re.search(r"^HEALTHCHECK .*?CMD (\[.*\])$", text, re.M)[1])


def is_healthy(port):
    check = [word.replace("/9107", f"/{port}") for word in health]
    assert check != health
    return subprocess.run(check, stderr=subprocess.DEVNULL, timeout=300).returncode == 0


def wait_for(find):
    for _ in range(6000):
        if (found := find()) is not None:
            return found
        time.sleep(0.05)
    raise TimeoutError


assert command[command.index("--heartbeat") + 1] == "0"
# The kernel picks the ports; at most one client, which is there.
command[command.index(":7007")] = "127.0.0.1:0"
command[command.index(":9107")] = "127.0.0.1:0"
with tempfile.NamedTemporaryFile(mode="r") as log:
    server = subprocess.Popen([echod, *command, "--max-connections", "1", "--log-file", log.name])

    def port_of(phrase):
        def find():
            log.seek(0)
            return re.search(phrase + r" 127\.0\.0\.1:(\d+)\n", log.read())
        return int(wait_for(find)[1])

    try:
        monitoring = port_of("metrics on")
        with socket.create_connection(("127.0.0.1", port_of("listening on"))) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
            assert is_healthy(monitoring), "unhealthy with all connections taken"
    finally:
        server.terminate()
        server.wait()
assert not is_healthy(monitoring), "healthy though it does not run"
