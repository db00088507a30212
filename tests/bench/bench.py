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

import clients
import processes
import report
import servers
import spinning
import works

BUILD = pathlib.Path(__file__).parent.parent.parent / "build"
QUICK_WORKS = "idle1000,rtt1,rtt50,stream1,anew"
QUICK_SERVERS = "echod-*,asio-*,goroutines,threads,epoll,io_uring"


def parse():
    parser = argparse.ArgumentParser(
        prog="scripts/bench.sh",
        description="""Puts echod beside other servers, and echoc beside other clients. They take
        turns in each round, and the median of the rounds counts. "echod: rate × 1.50" tells that
        echod does one and a half times as much as the one of that row, "CPU × 1.50" that this one
        takes one and a half times echod's processor time for the same. All servers and works take
        80 minutes with the defaults, and 3 hours with 15 rounds of 1 s: a run takes --seconds, one
        second more, and one for each 2,500 connections. What a choice takes is printed first;
        nothing else should run meanwhile.""",
    )
    add = parser.add_argument
    names = ", ".join(work.name for work in works.all_works())
    add("--quick", action="store_true", help="a few works and servers, 2 rounds of 1 s: 5 minutes")
    add("--work", metavar="LIST", help=f"only these of {names}; 'rtt*' is all that begin with rtt")
    add("--servers", metavar="LIST", help="only these beside echod, such as 'threads,asio-*'")
    add("--rounds", type=int, metavar="N", help="default: 5; long works take fewer")
    add("--seconds", type=float, metavar="S", help="length of one run; default: 2")
    add("--echod", action="append", default=[], metavar="[NAME=]PATH",
        help="this program in place of the clone's build; again for another one beside it")  # fmt: skip
    add("--congestion-control", metavar="NAME",
        help="such as reno, in a network namespace of its own, as root; default: this machine's, "
        "and bbr paces even loopback")  # fmt: skip
    add("--output", type=pathlib.Path, default=BUILD / "bench", metavar="FILE",
        help="write FILE.md and FILE.json; default: build/bench")  # fmt: skip
    add("--install", action="store_true", help="install what is missing, without a question")
    add("--bin", type=pathlib.Path, default=BUILD / "release" / "bin", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.work = options.work or QUICK_WORKS
        options.servers = options.servers or QUICK_SERVERS
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (1 if options.quick else 2)
    return options


def chosen(things, patterns, what):
    """Those whose names the comma list has."""
    if patterns is None:
        return things
    names = [thing.name for thing in things]
    wanted = []
    for pattern in patterns.split(","):
        matching = fnmatch.filter(names, pattern)
        if not matching:
            sys.exit(f"bench.sh: there is no {what} {pattern}; there are {', '.join(names)}")
        wanted += matching
    return [thing for thing in things if thing.name in wanted]


def echods(options):
    builds = {}
    for text in options.echod or [str(options.bin / "echod")]:
        name, _, path = text.rpartition("=")
        name = name or "echod"
        if not os.path.isfile(path) or not os.access(path, os.X_OK):
            sys.exit(f"bench.sh: --echod {text}: there is no such program")
        if name in builds:
            sys.exit(f"bench.sh: --echod {text}: give each a name of its own, as in new=PATH")
        builds[name] = servers.echod(name, path)
    return list(builds.values())


class Benchmark:
    """Who is there, and what was measured so far."""

    def __init__(self, options):
        self.options = options
        self.works = chosen(works.all_works(), options.work, "work")
        self.echods = echods(options)
        everybody = servers.all_servers(options.bin, BUILD / "bench.d")
        self.epoll = next(server for server in everybody if server.name == "epoll")
        others = chosen(everybody, options.servers, "server")
        self.servers = [server for server in others if server.program]
        compared = clients.all_clients(options.bin)
        self.clients = [client for client in compared if client.program]
        candidates = others + (compared if any(w.of_clients for w in self.works) else [])
        self.left_out = {thing.name: thing.package for thing in candidates if not thing.program}
        self.result = {**machine(), "rounds": options.rounds, "seconds": options.seconds}
        self.result |= {"left_out": self.left_out, "works": {}}
        self.text = (
            f"Linux {self.result['kernel']}, {self.result['cores']} cores, "
            f"{self.result['congestion_control']}; medians of {options.rounds} rounds of "
            f"{options.seconds:g} s\n"
        )

    def run(self):
        for server in self.servers:
            server.prepare()
        print(self._forecast())
        print(self.text, flush=True)
        for work in self.works:
            samples, failures = self._measure(work)
            reference = next(iter(samples.values()))
            rows = {name: report.summary(work, of, reference) for name, of in samples.items()}
            table = report.table(work, rows, failures)
            print(table, flush=True)
            self.text += "\n" + table
            self.result["works"][work.name] = {
                "title": work.title, "summary": rows, "samples": samples, "failures": failures
            }  # fmt: skip
            self._write()
        if self.left_out:
            missing = ", ".join(f"{name} ({package})" for name, package in self.left_out.items())
            print(f"left out, as these packages are not installed: {missing}; see --install")

    def _rounds(self, work):
        return min(self.options.rounds, work.rounds)

    def _forecast(self):
        runs = {work: self._rounds(work) * len(self._takers(work)) for work in self.works}
        seconds = sum(
            count * works.duration(work, self.options.seconds) for work, count in runs.items()
        )
        return f"{sum(runs.values()):,} runs, about {max(1, round(seconds / 60)):,} minutes"

    def _measure(self, work):
        """Samples by name, a list of the rounds; and why some failed, which ends their turns."""
        takers = self._takers(work)
        samples = {taker.name: [] for taker in takers}
        failures = {}
        for count in range(self._rounds(work)):
            for taker in takers:
                if taker.name in failures:
                    continue
                progress(f"{work.name}, round {count + 1}: {taker.name}")
                try:
                    samples[taker.name].append(self._sample(work, taker))
                except processes.Failed as failure:
                    failures[taker.name] = str(failure)
        progress("")
        return samples, failures

    def _takers(self, work):
        if work.of_spinning:
            return spinning.all_clients(work, self.options.bin)
        if work.of_clients:
            return self.clients
        fitting = [
            server
            for server in self.servers
            if server.most >= work.connections and (server.streams or work.columns != works.STREAM)
        ]
        return self.echods + ([] if work.only_echod else fitting)

    def _sample(self, work, taker):
        if work.of_spinning:
            return spinning.run(work, taker, self.echods[0], self.options.seconds)
        if work.of_clients:
            return clients.run(work, taker, self.epoll, self.options.seconds)
        load = str(self.options.bin / "bench_epoll_client")
        return works.run(work, taker, load, self.options.seconds)

    def _write(self):
        json_text = json.dumps(self.result, indent=2) + "\n"
        self.options.output.with_suffix(".json").write_text(json_text, encoding="utf-8")
        self.options.output.with_suffix(".md").write_text(self.text, encoding="utf-8")


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def machine():
    return {
        "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "congestion_control": processes.congestion_control(),
    }


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = parse()
    processes.adopt_orphans()
    try:
        if options.congestion_control:
            processes.set_congestion_control(options.congestion_control)
        Benchmark(options).run()
    except processes.Failed as failure:
        sys.exit(f"bench.sh: {failure}")
    finally:
        processes.end_children()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
