#!/usr/bin/env python3
"""HAProxy with the configuration of docs/operations.md in front of two echods, one of which drains:
haproxy.py ECHOD OPERATIONS. Skipped (77) without haproxy."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

haproxy = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
if haproxy is None:
    print("skipped: there is no haproxy here (apt-get install haproxy)")
    sys.exit(77)
echod, page = sys.argv[1:]
with open(page, encoding="utf-8") as file:
    config = re.search(r"^```haproxy\n(.*?)^```$", file.read(), re.M | re.S)[1]


def wait_for(find):
    for _ in range(6000):
        if found := find():
            return found
        time.sleep(0.05)
    raise TimeoutError(find)


def start_echod(name):
    log = os.path.join(folder, name)
    started.append(subprocess.Popen([
        echod, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--log-file", log,
        "--drain-timeout", "1h", "--write-timeout", "0"]))

    def port_after(phrase):
        def find():
            with open(log, encoding="utf-8") as file:
                return re.search(phrase + r" 127\.0\.0\.1:(\d+)\n", file.read())
        wait_for(lambda: os.path.exists(log))
        return wait_for(find)[1]
    return port_after("listening on"), port_after("metrics on")


def echoes():
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(300)
            client.connect(front)
            client.sendall(b"hello")
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(5), b"")) == b"hello"
    except OSError:
        return False


def state(server):
    """Its status, the result of its last check, and the status of the answer to that."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(stats)
        client.sendall(b"show stat\n")
        text = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    rows = [line.split(",") for line in text.lstrip("# ").splitlines() if line]
    row = dict(zip(rows[0], next(row for row in rows if row[1] == server)))
    return row["status"], row["check_status"], row["check_code"]


started = []
with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    stats, front = os.path.join(folder, "stats"), os.path.join(folder, "front")
    try:
        for name in "ab":
            port, metrics = start_echod(name)
            config, count = re.subn(rf"server {name} \S+ check port 9107",
                                    f"server {name} 127.0.0.1:{port} check port {metrics}", config)
            assert count == 1
            if name == "a":
                port_of_a = int(port)
        config = config.replace("bind :7\n", f"bind unix@{front}\n")
        # Often, and no server is down because a busy machine is late with an answer.
        config = config.replace("inter 2s", "inter 1s").replace(
            "  timeout connect 5s\n", "  timeout connect 5m\n  timeout check 5m\n")
        file = os.path.join(folder, "haproxy.cfg")
        with open(file, "w", encoding="utf-8") as output:
            output.write(f"global\n  stats socket {stats}\n{config}")
        subprocess.run([haproxy, "-c", "-q", "-f", file], check=True)
        started.append(subprocess.Popen([haproxy, "-db", "-f", file]))
        wait_for(lambda: os.path.exists(stats))
        for name in "ab":
            wait_for(lambda: state(name) == ("UP", "L7OK", "200"))
        assert all(echoes() for _ in range(10))

        # A client that never reads keeps it in its drain.
        with socket.create_connection(("127.0.0.1", port_of_a)) as stuck:
            stuck.settimeout(1)
            try:
                while True:
                    stuck.sendall(bytes(65536))
            except TimeoutError:
                pass
            started[0].send_signal(signal.SIGTERM)
            wait_for(lambda: state("a") == ("DOWN", "L7STS", "503"))
            assert state("b")[0] == "UP"
            assert all(echoes() for _ in range(10))
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
