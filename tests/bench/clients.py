"""The clients: echoc load beside plain clients and sockperf, each on a core of its own."""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import tempfile
from collections.abc import Callable

import processes
import works


@dataclasses.dataclass
class Client:
    name: str
    program: str | None  # None: it is not installed
    package: str
    measure: Callable  # of the client, the server's port or folder, the work and the seconds
    server: str = "epoll"


def all_clients(bin_folder):
    def own(name, program, measure):
        path = bin_folder / program
        return Client(name, str(path) if path.exists() else None, "g++", measure)

    return [
        own("echoc", "echoc", _echoc),
        own("thread client", "bench_thread_client", _yardstick),
        own("epoll client", "bench_epoll_client", _yardstick),
        Client("sockperf", shutil.which("sockperf"), "sockperf", _sockperf, "sockperf"),
    ]


def run(work, client, epoll_server, seconds):
    """One sample. The server is the cheapest, on the other core, so that clients set the pace."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        start = _start_sockperf if client.server == "sockperf" else epoll_server.start
        server, where = start(folder, works.SERVER_CORE, work.connections)
        try:
            messages, elapsed, cpu = client.measure(client, where, work, seconds)
        finally:
            server.stop()
    if messages == 0:
        raise processes.Failed("no message came back")
    # Less than a tick of processor time shows as none.
    return {"rate": messages / elapsed} | ({"per_cpu": messages / cpu} if cpu else {})


def _yardstick(client, port, work, seconds):
    command = [client.program, str(port), str(work.connections), str(work.size), str(seconds)]
    program = processes.Program(command, works.CLIENT_CORE)
    try:
        program.line(works.PATIENCE)  # "measuring"
        cpu = processes.cpu_seconds(program.pid)
        result = json.loads(program.line(seconds + works.PATIENCE))
        cpu = processes.cpu_seconds(program.pid) - cpu
    finally:
        program.stop()
    return result["messages"], result["seconds"], cpu


def _echoc(client, port, work, seconds):
    """Its processor time has that of connecting, of checking every byte and of the report too."""
    command = [client.program, "load", f"127.0.0.1:{port}", "-w", "1", "-c", str(work.connections)]
    command += ["-s", str(work.size), "-d", f"{seconds}s", "--json", "-", "-q"]
    output, cpu = _whole_run(command, seconds)
    result = json.loads(output)
    return result["messages"]["echoed"], result["duration_s"], cpu


def _sockperf(client, folder, work, seconds):
    """It sends a burst on one connection, waits for all of it, and goes on to the next one."""
    feed = os.path.join(folder, "feed")
    # Its clock is whole seconds, and the first 0.4 of them warm up.
    command = [client.program, "ping-pong", "-f", feed, "-F", "epoll", "-m", str(work.size)]
    command += ["-t", str(max(1, round(seconds))), "-b", str(work.connections)]
    output, cpu = _whole_run(command, seconds)
    total = re.search(r"Total Run\] RunTime=([\d.]+) .*ReceivedMessages=(\d+)", output)
    if not total:
        raise processes.Failed("sockperf reports no run")
    return int(total[2]), float(total[1]), cpu


def _start_sockperf(folder, cpus, connections):
    """It listens on a port for each connection, as its client takes no address twice."""
    ports = processes.free_ports(connections)
    feed = pathlib.Path(folder, "feed")
    feed.write_text("".join(f"T:127.0.0.1:{port}\n" for port in ports), encoding="ascii")
    command = ["sockperf", "server", "-f", str(feed), "-F", "epoll"]
    program = processes.Program(command, cpus, os.path.join(folder, "server.log"))
    try:
        processes.wait_for_port(ports[-1], program)
    except BaseException:
        program.stop()
        raise
    return program, folder


def _whole_run(command, seconds):
    """What it prints, and the processor time that it takes from its start to its end."""
    program = processes.Program(command, works.CLIENT_CORE)
    try:
        output = program.rest(seconds + works.PATIENCE)
        return output, processes.cpu_seconds(program.pid)
    finally:
        program.stop()
