"""Puts echod beside other servers; scripts/bench.sh runs it. See --help."""

import argparse
import datetime
import fnmatch
import json
import os
import pathlib
import platform
import signal
import sys

import processes
import report
import servers
import works

ROOT = pathlib.Path(__file__).parent.parent.parent
BUILD = ROOT / "build"
BIN = BUILD / "release" / "bin"


def parse():
    parser = argparse.ArgumentParser(
        prog="scripts/bench.sh",
        description="Puts echod beside other servers, in turns, and writes build/bench.md and "
        "build/bench.json. Of all rounds the median counts. 'echod: rate × 1.50' tells that echod "
        "does one and a half times as much as the server of that row.",
    )
    names = ", ".join(work.name for work in works.all_works())
    parser.add_argument("--quick", action="store_true", help="two rounds of a second, a few works")
    parser.add_argument("--work", metavar="LIST", help=f"of {names}; with * for any part of a name")
    parser.add_argument("--servers", metavar="LIST", help="only these, and echod")
    parser.add_argument("--rounds", type=int, metavar="N", help="default: 5")
    parser.add_argument("--seconds", type=float, metavar="S", help="of one run; default: 2")
    parser.add_argument(
        "--echod", action="append", default=[], metavar="[NAME=]PATH",
        help="this build of echod, instead of the clone's; again for one beside it",
    )  # fmt: skip
    parser.add_argument("--output", type=pathlib.Path, default=BUILD / "bench", metavar="FILE",
                        help="FILE.md and FILE.json instead of build/bench")  # fmt: skip
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (1 if options.quick else 2)
    return options


def chosen(things, patterns, what):
    """Those whose names the comma list has."""
    if patterns is None:
        return things
    patterns = patterns.split(",")
    for pattern in patterns:
        if not fnmatch.filter([thing.name for thing in things], pattern):
            names = ", ".join(thing.name for thing in things)
            sys.exit(f"bench.sh: there is no {what} {pattern}; there are {names}")
    return [t for t in things if any(fnmatch.fnmatch(t.name, pattern) for pattern in patterns)]


def echods(options):
    builds = {}
    for text in options.echod or [f"echod={BIN / 'echod'}"]:
        name, _, path = text.rpartition("=")
        name = name or ("echod" if not builds else path)
        if not os.access(path, os.X_OK):
            sys.exit(f"bench.sh: --echod: {path} is not a program")
        builds[name] = servers.echod(name, path)
    return list(builds.values())


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def measure(work, takers, options):
    """Samples by server, a list of the rounds; and why servers failed, which end their turns."""
    samples = {server.name: [] for server in takers}
    failures = {}
    for count in range(min(options.rounds, work.rounds)):
        for server in takers:
            if server.name in failures:
                continue
            progress(f"{work.name}, round {count + 1}: {server.name}")
            try:
                sample = works.run(work, server, str(BIN / "bench_epoll_client"), options.seconds)
                samples[server.name].append(sample)
            except processes.Failed as failure:
                failures[server.name] = str(failure)
    progress("")
    return samples, failures


def machine():
    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    return {
        "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "congestion_control": congestion,
    }


def takers_of(work, own, others):
    fitting = [server for server in others if server.most >= work.connections]
    return own + ([] if work.only_echod else fitting)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = parse()
    selection = options.work or ("rtt1,rtt50,stream1,anew" if options.quick else None)
    todo = chosen(works.all_works(), selection, "work")
    own = echods(options)
    others = servers.all_servers(BIN, BUILD / "bench.d")
    others = chosen(others, options.servers, "server")
    there = [server for server in others if server.program]
    left_out = [f"{s.name} (package {s.package})" for s in others if not s.program]
    result = {**machine(), "rounds": options.rounds, "seconds": options.seconds, "works": {}}
    text = "{kernel}, {cores} cores, {congestion_control}; {rounds} rounds".format(**result) + "\n"
    print(text, flush=True)
    for work in todo:
        samples, failures = measure(work, takers_of(work, own, there), options)
        reference = samples[own[0].name]
        rows = {name: report.summary(work, of, reference) for name, of in samples.items()}
        table = report.table(work, rows, failures)
        text += "\n" + table
        print(table, flush=True)
        result["works"][work.name] = {
            "title": work.title, "summary": rows, "samples": samples, "failures": failures
        }  # fmt: skip
        options.output.with_suffix(".json").write_text(json.dumps(result, indent=2))
        options.output.with_suffix(".md").write_text(text)
    if left_out:
        print("left out, as not installed: " + ", ".join(left_out))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
