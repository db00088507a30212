"""The servers: how each is had, started, and what it can stand."""

import dataclasses
import getpass
import os
import pathlib
import shutil
import subprocess
from collections.abc import Callable

import processes

HERE = pathlib.Path(__file__).parent
EXAMPLES = pathlib.Path("/usr/share/doc/libasio-dev/examples/cpp11/echo")
FORKS = 1000  # connections at most where each takes a process
XINETD = """service echo
{{
  type = INTERNAL UNLISTED
  id = bench-echo
  socket_type = stream
  protocol = tcp
  port = {port}
  bind = 127.0.0.1
  user = {user}
  wait = no
  instances = UNLIMITED
  per_source = UNLIMITED
  cps = 1000000 1
  flags = NODELAY NOLIBWRAP
}}
"""


@dataclasses.dataclass
class Server:
    name: str
    program: str | None  # None: it is not installed
    arguments: Callable  # of the port, a folder for its files, and the number of connections
    package: str = ""
    most: int = 20000  # connections
    streams: bool = True
    compiler: tuple = ()  # makes the program from the source: nothing is shipped that runs
    source: pathlib.Path = HERE

    def prepare(self):
        """Compiles the program where that has to be done."""
        if not self.compiler:
            return
        folder = pathlib.Path(self.program).parent
        folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"GOCACHE": str(folder / "go"), "GO111MODULE": "off"}
        command = [*self.compiler, "-o", self.program, str(self.source)]
        done = subprocess.run(command, env=environment, capture_output=True, timeout=300)
        if done.returncode != 0:
            raise processes.Failed(f"{self.source.name}: {done.stderr.decode().strip()}")

    def start(self, folder, cpus, connections):
        """The running server and its port."""
        [port] = processes.free_ports(1)
        command = [self.program, *self.arguments(port, folder, connections)]
        program = processes.Program(command, cpus, os.path.join(folder, "server.log"))
        try:
            processes.wait_for_port(port, program)
        except BaseException:
            program.stop()
            raise
        return program, port


def echod(name, path, workers=None):
    def arguments(port, _, connections):
        # Its default is 10,000, and stays so where that is enough.
        mode = [] if workers is None else ["--workers", workers]
        return ["-l", f"127.0.0.1:{port}", "-m", str(max(10000, connections + 10)), *mode]

    return Server(name, path, arguments)


def only_port(port, *_):
    return [str(port)]


def yardstick(name, path, package="g++"):
    return Server(name, str(path) if path.exists() else None, only_port, package)


def compiled(name, compiler, source, package, folder):
    there = source.exists() and shutil.which(compiler[0])
    program = str(folder / name) if there else None
    return Server(name, program, only_port, package, compiler=compiler, source=source)


def asio_example(name, source, folder):
    compiler = ("c++", "-std=c++20", "-O2", "-DNDEBUG", "-pthread")
    return compiled(name, compiler, EXAMPLES / source, "libasio-doc", folder)


def xinetd(port, folder, _):
    config = pathlib.Path(folder, "xinetd.conf")
    config.write_text(XINETD.format(port=port, user=getpass.getuser()), encoding="ascii")
    return ["-dontfork", "-f", str(config), "-pidfile", os.path.join(folder, "xinetd.pid")]


def socat(port, *_):
    listen = f"TCP4-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=4096"
    return [listen, "PIPE"]


def ncat(port, *_):
    return ["-4", "-n", "-l", "-k", "-m", "20000", "-e", "/bin/cat", "127.0.0.1", str(port)]


def tcpserver(port, *_):
    return ["-HRDl0", "-c", "20000", "-b", "4096", "127.0.0.1", str(port), "/bin/cat"]


def all_servers(bin_folder, folder):
    """All but echod with its default. The second folder is for what is compiled."""
    go = HERE / "goroutine_server.go"
    shared = str(bin_folder / "echod")
    return [
        echod("echod-workers-1", shared, "1"),
        echod("echod-workers-auto", shared, "auto"),
        asio_example("asio-blocking", "blocking_tcp_echo_server.cpp", folder),
        asio_example("asio-async", "async_tcp_echo_server.cpp", folder),
        compiled("goroutines", ("go", "build"), go, "golang-go", folder),
        yardstick("threads", bin_folder / "bench_thread_server"),
        yardstick("asio-coroutines", bin_folder / "bench_coroutine_server"),
        yardstick("epoll", bin_folder / "bench_epoll_server"),
        yardstick("epoll-loops", bin_folder / "bench_epoll_loops_server"),
        yardstick("io_uring", bin_folder / "bench_uring_server", "liburing-dev"),
        Server("socat", shutil.which("socat"), socat, "socat", FORKS),
        # It waits with select(), which ends at descriptor 1,024, and stands still where cat takes
        # no more because nobody reads from cat.
        Server("ncat", shutil.which("ncat"), ncat, "ncat", 300, streams=False),
        Server("tcpserver", shutil.which("tcpserver"), tcpserver, "ucspi-tcp", FORKS),
        Server("xinetd", shutil.which("xinetd", path="/usr/sbin"), xinetd, "xinetd", FORKS),
    ]
