"""What the benchmark promises whatever the machine: a row for echod, and nothing left behind.

bench_test.py BIN. Says nothing of speed.
"""

import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).parent
PR_SET_CHILD_SUBREAPER = 36
BIN = ""


def children(parent):
    """Of every process that is alive, by the parent that /proc/PID/stat names."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                fields = file.read().rsplit(b")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            found.append(int(entry))
    return found


class Bench(unittest.TestCase):
    def setUp(self):
        # Whatever outlives the benchmark becomes a child of this process.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        folder = tempfile.TemporaryDirectory(prefix="bench-test-")
        self.addCleanup(folder.cleanup)
        self.output = pathlib.Path(folder.name, "bench")

    def start(self, *options):
        command = [sys.executable, "-B", str(HERE / "bench.py"), "--bin", BIN, "--rounds", "1"]
        command += ["--output", str(self.output), *options]
        # A run that is killed can't remove its folder.
        environment = os.environ | {"TMPDIR": str(self.output.parent)}
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)

    def start_and_await_server(self):
        """A long run, once it has started a server."""
        run = self.start("--work", "rtt4", "--servers", "epoll", "--seconds", "100")
        while not children(run.pid):
            self.assertIsNone(run.poll())
            time.sleep(0.01)
        return run

    def test_a_run_tells_figures_of_all_and_leaves_nothing_behind(self):
        works = ["idle1000", "rtt4", "stream8", "anew", "clients"]
        run = self.start(
            "--work", ",".join(works), "--servers", "epoll,threads", "--seconds", "0.3"
        )
        self.assertEqual(run.wait(), 0)
        self.assertEqual(children(os.getpid()), [])
        result = json.loads(self.output.with_suffix(".json").read_text())
        self.assertEqual(sorted(result["works"]), sorted(works))
        for name, work in result["works"].items():
            self.assertEqual(work["failures"], {}, name)
            for server, row in work["summary"].items():
                first = next(iter(row.values()))["median"]
                # What others free meanwhile may be more memory than the connections take.
                self.assertTrue(first > 0 or name == "idle1000", f"{name} of {server}: {first}")
        table = self.output.with_suffix(".md").read_text()
        self.assertEqual(table.count("| echod | "), 4)
        self.assertEqual(table.count("| echoc | "), 1)

    def test_an_interrupted_run_ends_with_130_and_leaves_nothing_behind(self):
        run = self.start_and_await_server()
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(), 130)
        self.assertEqual(children(os.getpid()), [])

    def test_what_a_killed_run_had_started_ends_too(self):
        run = self.start_and_await_server()
        run.kill()
        run.wait()
        give_up = time.monotonic() + 60
        while (left := children(os.getpid())) and time.monotonic() < give_up:
            os.waitpid(-1, os.WNOHANG)
            time.sleep(0.01)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        self.assertEqual(left, [])


if __name__ == "__main__":
    BIN = sys.argv.pop(1)
    unittest.main()
