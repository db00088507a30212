"""What the benchmark promises whatever the machine: a row for echod, and nothing left behind.

bench_test.py BIN. Says nothing of speed.
"""

import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import ratios

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


class Ratios(unittest.TestCase):
    def test_the_interval_of_a_median_is_the_fourth_and_twelfth_of_fifteen(self):
        # Of 15, the median lies below the 4th or above the 12th in 3.5 % of all cases.
        self.assertEqual(ratios.interval(range(15, 0, -1)), (4, 12, True))
        self.assertEqual(ratios.interval(range(6)), (0, 5, True))
        self.assertEqual(ratios.interval(range(5)), (0, 4, False))

    def test_only_figures_of_the_same_round_are_compared(self):
        samples = {"a": [{"rate": 6}, {"rate": 9}, {"rate": 1}], "b": [{"rate": 2}, {"rate": 3}]}
        self.assertEqual(ratios.ratios(samples, "a", "b", "rate"), [3, 3])


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
        printed = open(self.output.with_suffix(".out"), "wb")
        self.addCleanup(printed.close)
        return subprocess.Popen(command, stdout=printed, env=environment)

    def start_and_await_server(self):
        """A long run, once it has started a server."""
        run = self.start("--work", "rtt4", "--servers", "epoll", "--seconds", "100")
        while not children(run.pid):
            self.assertIsNone(run.poll())
            time.sleep(0.01)
        return run

    def test_a_run_tells_figures_of_all_and_leaves_nothing_behind(self):
        works = ["idle1000", "rtt4", "stream8", "anew", "clients", "pace", "floor"]
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
        rows = [of for work in result["works"].values() for of in work["samples"].values()]
        runs = sum(len(samples) for samples in rows)
        printed = self.output.with_suffix(".out").read_text()
        self.assertRegex(printed, rf"^{runs} runs, about \d+ minutes\n")
        table = self.output.with_suffix(".md").read_text()
        self.assertEqual(table.count("| echod | "), 4)
        self.assertEqual(table.count("| echoc | "), 1)
        self.assertEqual(table.count("| echoc --spin 200us | "), 2)
        self.assertEqual(table.count("| spinning "), 2)

    def test_connections_join_a_few_at_a_time_and_are_silent_until_all_have_an_echo(self):
        message, count, at_once = b"x" * 64, 600, 256
        listener = self.enterContext(socket.create_server(("127.0.0.1", 0), backlog=1024))
        command = [f"{BIN}/bench_epoll_client", str(listener.getsockname()[1]), str(count), "64"]
        client = subprocess.Popen(
            [*command, "0.1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        self.addCleanup(client.stdout.close)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        joined = []

        def join():
            listener.settimeout(60)
            connection = listener.accept()[0]
            self.addCleanup(connection.close)
            connection.settimeout(60)
            self.assertEqual(connection.recv(64, socket.MSG_WAITALL), message)
            joined.append(connection)

        for _ in range(at_once):
            join()
        for i in range(count - at_once):
            listener.setblocking(False)
            self.assertRaises(BlockingIOError, listener.accept)
            joined[i].sendall(message)
            join()
        for connection in joined[count - at_once : -1]:
            connection.sendall(message)
        for connection in joined:
            connection.setblocking(False)
            self.assertRaises(BlockingIOError, connection.recv, 1)
            connection.settimeout(60)
        joined[-1].sendall(message)
        for connection in joined:
            self.assertEqual(connection.recv(64, socket.MSG_WAITALL), message)
            connection.sendall(message)
        self.assertEqual(client.stdout.readline(), b"measuring\n")

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
