"""Processes that the benchmark starts, what they cost, and their end."""

import contextlib
import ctypes
import os
import pathlib
import select
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNET = 0x40000000
CONGESTION_CONTROL = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control")


class Failed(Exception):
    """A server or a client did not do what it should; the text is for the report."""


class Program:
    """A process with a session of its own, which its children share; dies with the benchmark."""

    def __init__(self, command, cpus=None, log=None):
        self.name = os.path.basename(command[0])
        self.log = log
        self._unread = b""
        benchmark = os.getpid()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=open(log, "wb") if log else subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: _in_child(benchmark, cpus),
        )
        self.pid = self._process.pid

    def line(self, seconds):
        """The next line of its output."""
        end = time.monotonic() + seconds
        while b"\n" not in self._unread:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise Failed(f"{self.name} said nothing for {seconds:.0f} s")
            more = os.read(self._process.stdout.fileno(), 65536)
            if not more:
                raise Failed(f"{self.name} ended: {self.complaint()}")
            self._unread += more
        line, self._unread = self._unread.split(b"\n", 1)
        return line.decode()

    def rest(self, seconds):
        """All that is left of its output, once it has ended; it keeps its place in /proc."""
        end = time.monotonic() + seconds
        text = self._unread
        while select.select([self._process.stdout], [], [], max(0, end - time.monotonic()))[0]:
            more = os.read(self._process.stdout.fileno(), 65536)
            text += more
            if not more:
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
                return text.decode()
        raise Failed(f"{self.name} took more than {seconds:.0f} s")

    def complaint(self):
        text = pathlib.Path(self.log).read_text(errors="replace") if self.log else ""
        return (text.strip().splitlines() or ["without a word"])[-1]

    def running(self):
        return self._process.poll() is None

    def end_input(self, seconds):
        """Tells it that it is no longer needed, by the end of its standard input."""
        self._process.stdin.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end") from None

    def stop(self):
        """Ends it, and then all of its session."""
        if self.running():
            self._process.terminate()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        while orphans := family(self.pid):  # this process's, since adopt_orphans()
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                pass


def adopt_orphans():
    """A server's children that outlive it become this process's, so that none is left behind."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_children():
    """What an interruption kept from its owner: it may come while a process is being started."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid, stat in _stats():
                if int(stat[1]) == os.getpid():
                    os.kill(pid, signal.SIGKILL)
            os.waitpid(-1, 0)


def congestion_control():
    return CONGESTION_CONTROL.read_text(encoding="ascii").strip()


def set_congestion_control(name):
    """Goes into a network namespace of its own, so that nobody else's is set."""
    if LIBC.unshare(CLONE_NEWNET) != 0:
        raise Failed("--congestion-control takes a network namespace of its own, and that root")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    allowed = CONGESTION_CONTROL.with_name("tcp_allowed_congestion_control").read_text("ascii")
    if name not in allowed.split():
        raise Failed(f"--congestion-control {name}: the kernel allows {allowed.strip()}")
    CONGESTION_CONTROL.write_text(name, encoding="ascii")


def _in_child(parent, cpus):
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # which died before
        os._exit(1)
    if cpus is not None:
        os.sched_setaffinity(0, cpus)


def _stat(pid):
    """What stands behind the name in /proc/PID/stat, from field 3 on; see proc(5)."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rsplit(b")", 1)[1].split()


def _stats():
    """Of every process that is alive."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            yield int(entry), _stat(entry)


def _family_stats(leader):
    """The processes of the leader's session, itself among them."""
    return {pid: stat for pid, stat in _stats() if int(stat[3]) == leader}


def family(leader):
    return list(_family_stats(leader))


def cpu_seconds(leader):
    """Processor time of a session so far: user and system, that of children that ended too."""
    return sum(_cpu_seconds(pid, stat, leader) for pid, stat in _family_stats(leader).items())


def _cpu_seconds(pid, stat, leader):
    own, ended = stat[11:13], stat[13:15]
    seconds = sum(map(int, ended)) / TICK
    if pid != leader:
        # A thousand children that share a second have less than a tick each; this is in ns.
        # It is that of the first thread, and children have but one.
        try:
            with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
                return seconds + int(file.read().split()[0]) / 1e9
        except (FileNotFoundError, ProcessLookupError):
            pass
    return seconds + sum(map(int, own)) / TICK


def resident_kib(leader):
    """Proportional, so that what forked processes share counts once."""
    total = 0
    for pid in family(leader):
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def kernel_kib():
    """Memory that the whole kernel takes, by kind."""
    kinds = {"KernelStack:": "stacks", "PageTables:": "tables", "Slab:": "slab"}
    with open("/proc/meminfo", encoding="ascii") as file:
        lines = [line.split() for line in file]
    return {kinds[line[0]]: int(line[1]) for line in lines if line[0] in kinds}


def free_ports(count):
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def wait_for_port(port, program, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if not program.running():
                break
            time.sleep(0.01)
    raise Failed(f"{program.name} does not serve: {program.complaint()}")
