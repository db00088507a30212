"""Clients that poll: echoc load --spin beside the least that one can write, on a core of its own."""

import dataclasses
import json
import tempfile

import processes
import works


@dataclasses.dataclass
class Client:
    name: str
    command: list


def all_clients(work, bin_folder):
    echoc = [str(bin_folder / "echoc"), "load", "-w", "1", "-q", "--json", "-"]
    yardstick = "spin_pacer" if work.mode == "pace" else "spin_client"
    return [
        Client("echoc --spin 200us", [*echoc, "--spin", "200us"]),
        Client("echoc --spin 0", [*echoc, "--spin", "0"]),
        Client(yardstick.replace("spin_", "spinning "), [str(bin_folder / f"bench_{yardstick}")]),
    ]


def run(work, client, echod, seconds):
    """One sample. The server is echod, on the other core."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        server, port = echod.start(folder, works.SERVER_CORE, work.connections)
        try:
            measure = _echoc if "load" in client.command else _yardstick
            return measure(work, client.command, port, seconds)
        finally:
            server.stop()


def _echoc(work, command, port, seconds):
    command = [*command, "-c", str(work.connections), "-s", str(work.size), "-d", f"{seconds}s"]
    if work.mode == "pace":
        command += ["-r", str(work.value)]
    program = processes.Program([*command, f"127.0.0.1:{port}"], works.CLIENT_CORE)
    try:
        result = json.loads(program.rest(seconds + works.PATIENCE))
    finally:
        program.stop()
    times = result["send_lateness" if work.mode == "pace" else "latency"]
    if not times["count"]:
        raise processes.Failed("no message came back")
    return {"p50": times["percentiles"]["50"], "p99": times["percentiles"]["99"]}


def _yardstick(work, command, port, seconds):
    command = [*command, str(port), str(work.connections), str(work.size), str(seconds)]
    program = processes.Program([*command, work.mode, str(work.value)], works.CLIENT_CORE)
    try:
        program.line(works.PATIENCE)  # "measuring"
        result = json.loads(program.line(seconds + works.PATIENCE))
        program.end_input(works.PATIENCE)
    finally:
        program.stop()
    return {"p50": result["p50"], "p99": result["p99"]}
