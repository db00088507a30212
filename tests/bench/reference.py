#!/usr/bin/env python3
"""reference.py BIN: puts what echoc load reports beside the record of tests/support's reference
server, which shares no code with it. Run by hand on a quiet machine of two cores or more; BIN is
build/release/bin.

The server keeps, per message, the time from its first byte to its last answering send. echoc measures
service_time from its first send to its last received byte, which is never less, and should be no
more than 100 us or 2 % longer at p50 and p99. Both poll, each on a core of its own: a core that
sleeps takes as long to wake up as what is measured here.
What disturbs the machine makes echoc's time longer than the server's, never shorter, and does so for
minutes. So rows that are further above are run again behind all others, in six passes at most.
Prints a table; status 1 if counts or bytes differ in any run, or a percentile is below the server's.
What is too far above is marked, and counted if it was in each pass.
"""

import csv
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

MIB = 1 << 20
PASSES = 6
BEHAVIOURS = {
    "constant": ["--delay", "2000"],
    # p50 and p99 are within a mode, not between two, where a single message decides.
    "bimodal": ["--delay", "2000", "--slow-every", "50", "--slow", "20000"],
    "stalling": ["--delay", "200", "--stall-every", "400", "--stall", "100000"],
    "overloaded": ["--capacity", "200"],
}
HEADER = (f"{'server':<12}{'conns':>6}{'pipe':>5}{'size':>9}{'messages':>9}"
          f"{'p50 us':>10}{'echoc':>8}{'p99 us':>11}{'echoc':>8}  ")


def percentile(values, percentage):
    rank = max(1, math.ceil(percentage * len(values) / 100))
    return values[rank - 1]


def on_core(core, *command):
    return ["taskset", "-c", str(core), *map(str, command)]


def spans(lines, since):
    """Microseconds from one time of each message to its last send, sorted."""
    return sorted((int(line["sent_ns"]) - int(line[since])) / 1e3 for line in lines)


class Comparison:
    def __init__(self, binaries, cores):
        self.binaries = pathlib.Path(binaries)
        self.server_core, self.client_core = cores
        self.wrong = 0

    def run(self, name, connections, pipeline, size, extra=()):
        rate = 400 if name == "overloaded" else 1000 if size < MIB else 50
        # Slow answers must not keep the connections busy: that would be measured as well.
        if name != "overloaded":
            rate = min(rate, 150 * connections * pipeline)
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder, "log")
            server = subprocess.Popen(
                on_core(self.server_core, self.binaries / "reference_server", "--poll", 1,
                        "--size", size, "--log", log, *BEHAVIOURS[name]),
                stdout=subprocess.PIPE, text=True)
            try:
                load = subprocess.run(
                    on_core(self.client_core, self.binaries / "echoc", "load",
                            server.stdout.readline().strip(), "-c", connections,
                            "--pipeline", pipeline, "-s", size, "-r", rate, "-d", "1s",
                            "--timeout", "100s", "-w", 1, "--spin", "10ms", "--json", "-", *extra),
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            finally:
                server.send_signal(signal.SIGTERM)
                counted = server.stdout.read().strip()
                server.wait()
            with open(log, encoding="ascii") as file:
                lines = sorted(csv.DictReader(file), key=lambda line: int(line["received_ns"]))
        return self.compare(connections, size, extra, json.loads(load.stdout), lines, counted)

    def compare(self, connections, size, extra, result, lines, counted):
        """The messages, the cells of the row and its marks."""
        echoed = result["messages"]["echoed"]
        lines = lines[len(lines) - echoed:]
        times = spans(lines, "first_ns")
        # Where echoc was itself late in sending the rest of a message, it leaves that out.
        least = spans(lines, "received_ns")
        size_in_all = echoed * size
        is_exact = (result["messages"]["sent"] == echoed
                    and result["bytes"] == {"sent": size_in_all, "received": size_in_all})
        if not extra:
            is_exact = is_exact and counted == (
                f"{connections} connections, {echoed} messages, {size_in_all} bytes received, "
                f"{size_in_all} bytes sent")
        marks = []
        cells = ""
        for number in (50, 99):
            truth = percentile(times, number)
            measured = result["service_time"]["percentiles"][str(number)]
            cells += f"{truth:>{10 if number == 50 else 11}.0f}{measured - truth:>+8.0f}"
            # With a warm-up a message on its edge may be another one here than there.
            if measured < percentile(least, number) and not extra:
                marks.append(f"p{number} BELOW")
            elif measured - truth > max(100, 0.02 * truth):
                marks.append(f"p{number} far")
        if not is_exact:
            marks.append("COUNTS DIFFER")
        return echoed, cells, marks

    def row(self, name, connections, pipeline, size, extra=()):
        """Prints a run; whether it is too far above the server."""
        echoed, cells, marks = self.run(name, connections, pipeline, size, extra)
        is_wrong = any("far" not in mark for mark in marks)
        self.wrong += is_wrong
        print(f"{name:<12}{connections:>6}{pipeline:>5}{size:>9}{echoed:>9}{cells}  "
              f"{' '.join([*extra, *(marks or ['ok'])])}", flush=True)
        return bool(marks) and not is_wrong


def all_rows():
    counts = (1, 10, 100)
    for name in BEHAVIOURS:
        for size in (1, 64, 16384, MIB):
            yield from ((name, count, pipeline, size) for count in counts for pipeline in (1, 8))
    for extra in (["--ramp-up", "500ms"], ["--warmup", "500ms"],
                  ["--messages-per-connection", "1"], ["--messages-per-connection", "10"]):
        yield from (("constant", count, 1, 64, extra) for count in counts)


def main():
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("reference.py: needs two cores, has one")
    comparison = Comparison(sys.argv[1], cores[:2])
    far = list(all_rows())
    count = len(far)
    print(HEADER)
    for number in range(1, PASSES + 1):
        far = [row for row in far if comparison.row(*row)]
        print(f"pass {number}: {len(far)} of {count} rows were further above the server than "
              "100 us and 2 % each time", flush=True)
        if not far:
            break
    print(f"{comparison.wrong} runs wrong")
    return 1 if comparison.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
