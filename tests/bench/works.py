"""The works: what is asked of a server, and what one run of it gives."""

import dataclasses
import json
import os
import tempfile

import processes

PATIENCE = 30  # seconds for connecting, and for what comes after the measured time
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = {CORES[0]}, {CORES[-1]}


@dataclasses.dataclass(frozen=True)
class Column:
    key: str
    title: str
    digits: int = 0
    ratio: str = ""  # title of the column that compares it with the first row
    high: bool = False  # whether more is better


RATE = Column("rate", "messages/s", 0, "rate ×", True)
CPU = Column("cpu", "CPU µs/message", 2, "CPU ×")
LATENCY = (Column("p50", "p50 µs"), Column("p99", "p99 µs"), Column("p99.9", "p99.9 µs"))
ROUND_TRIPS = (RATE, *LATENCY, CPU)
STREAM = (
    Column("gbytes", "GB/s", 2, "rate ×", True),
    Column("cpu_gbyte", "CPU s/GB", 3, "CPU ×"),
)
IDLE = (
    Column("memory", "KiB/connection", 1, "memory ×"),
    Column("resident", "resident", 1),
    Column("stacks", "stacks", 1),
    Column("tables", "page tables", 1),
    Column("slab", "slab, both ends", 1),
    Column("idle_cpu", "CPU ms/s, silent", 2),
)
CLIENTS = (RATE, Column("per_cpu", "messages/CPU second", 0, "messages/CPU s ×", True))
LATENESS = (Column("p50", "lateness p50 µs", 1), Column("p99", "lateness p99 µs", 1))
FLOOR = (Column("p50", "round trip p50 µs", 1), Column("p99", "round trip p99 µs", 1))
ARRIVALS = (Column("rate", "connections/s"), *LATENCY, CPU)


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    title: str
    columns: tuple
    connections: int
    mode: str = "keep"  # of bench_epoll_client
    value: int = 1
    size: int = 512
    pinned: bool = False
    seconds: float = 0  # 0: as the user asks
    rounds: int = 100  # at most
    only_echod: bool = False
    of_clients: bool = False  # they are compared, and not servers
    of_spinning: bool = False  # clients that poll are


def round_trips(connections, pinned=False):
    name = f"rtt{connections}" + ("-pinned" if pinned else "")
    plural = "connection" if connections == 1 else "connections"
    where = ", server and client on a core each" if pinned else ""
    title = f"Round trips of 512 bytes, {connections:,} {plural}{where}"
    return Work(name, title, ROUND_TRIPS, connections, pinned=pinned)


def silent(connections):
    title = f"{connections:,} silent connections"
    return Work(f"idle{connections}", title, IDLE, connections, "idle", seconds=1, rounds=3)


def streams(connections):
    title = "One stream" if connections == 1 else f"{connections} streams"
    # 1 MiB on its way on each: more than any of the servers takes at once.
    return Work(f"stream{connections}", title, STREAM, connections, value=16, size=65536)


def all_works():
    return [
        Work("idle", "5,000 silent connections", IDLE, 5000, "idle", seconds=11, rounds=2),
        *(silent(count) for count in (1000, 15000)),
        *(round_trips(count) for count in (1, 4, 50, 1000, 10000)),
        *(round_trips(count, pinned=True) for count in (1, 10, 50, 100, 1000, 10000, 15000)),
        streams(1),
        streams(8),
        Work("arrive", "15,000 connections, 2,000 new ones a second, each of one message that stays",
             ARRIVALS, 15000, "arrive", 2000, 64, only_echod=True, rounds=3),
        Work("anew", "Connect, echo 64 bytes, close; 50 at a time", ROUND_TRIPS, 50, "anew", size=64),
        Work("clients", "Clients: round trips of 512 bytes, 50 connections, on a core each", CLIENTS, 50,
             of_clients=True),
        Work("pace", "How late messages leave, 1,000 a second on one connection, on a core each", LATENESS, 1,
             "pace", 1000, 64, of_spinning=True),
        Work("floor", "Round trips of 64 bytes, one connection, on a core each", FLOOR, 1, size=64,
             of_spinning=True),
    ]  # fmt: skip


def duration(work, seconds):
    """Seconds that a run takes in all, about: the server's start and end, and connecting too."""
    return (work.seconds or seconds) + 1 + work.connections / 2500


def run(work, server, client_program, seconds):
    """One sample: the figures by their columns' keys."""
    seconds = work.seconds or seconds
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        cpus = SERVER_CORE if work.pinned else None
        program, port = server.start(folder, cpus, work.connections)
        try:
            return _load(work, program, port, client_program, seconds, folder)
        finally:
            program.stop()


def _load(work, server, port, client_program, seconds, folder):
    command = [client_program, str(port), str(work.connections), str(work.size), str(seconds)]
    command += [work.mode, str(work.value)]
    memory = _memory(server.pid) if work.mode == "idle" else {}
    cpus = CLIENT_CORE if work.pinned else None
    client = processes.Program(command, cpus, os.path.join(folder, "client.log"))
    try:
        client.line(PATIENCE)  # "measuring"
        if memory:
            memory = {key: value - memory[key] for key, value in _memory(server.pid).items()}
        cpu = processes.cpu_seconds(server.pid)
        result = json.loads(client.line(seconds + PATIENCE))
        cpu = processes.cpu_seconds(server.pid) - cpu
        client.end_input(PATIENCE)
    finally:
        client.stop()
    if not server.running():
        raise processes.Failed(f"{server.name} ended: {server.complaint()}")
    return _figures(work, result, cpu, memory)


def _memory(pid):
    return {"resident": processes.resident_kib(pid), **processes.kernel_kib()}


def _figures(work, result, cpu, memory):
    messages, seconds = result.pop("messages"), result.pop("seconds")
    if work.mode == "idle":
        figures = {key: value / work.connections for key, value in memory.items()}
        return {"memory": sum(figures.values()), **figures, "idle_cpu": cpu * 1000 / seconds}
    if messages == 0:
        raise processes.Failed("no message came back")
    gbytes = messages * work.size / 1e9
    return {
        **result,
        "rate": messages / seconds,
        "cpu": cpu * 1e6 / messages,
        "gbytes": gbytes / seconds,
        "cpu_gbyte": cpu / gbytes,
    }
