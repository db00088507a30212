"""Draws how servers grow: chart.py BENCH.json FOLDER; scripts/bench.sh writes the first.

Processor time per message and memory in all by the number of connections, as growth-cpu.svg and
growth-memory.svg. Needs Debian's python3-matplotlib.
"""

import json
import pathlib
import re
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text: a fifth of the size
import matplotlib.pyplot as plt  # noqa: E402, the backend comes first

INK = "#808080"  # on white and on black alike
IDLE = 5000  # connections of the work that is named "idle" alone
# Told apart without colours too (Okabe and Ito's palette for the colour-blind).
STYLES = {
    "echod": ("#D55E00", "o-"),
    "echod-workers-auto": ("#0072B2", "s-"),
    "asio-blocking": ("#E69F00", "D:"),
    "epoll": ("#56B4E9", "s:"),
    "asio-async": ("#009E73", "^--"),
    "goroutines": ("#CC79A7", "v--"),
}


def curves(works, name, key, factor, least=1):
    """Points by server: connections, median, lowest and highest, of all works of that name."""
    found = {}
    for work, measured in works.items():
        match = re.fullmatch(name, work)
        if not match or int(match[1] or IDLE) < least:
            continue
        connections = int(match[1] or IDLE)
        for server, figures in measured["summary"].items():
            if server in STYLES and key in figures:
                figure = figures[key]
                scale = factor(connections)
                point = [figure[part] * scale for part in ("median", "min", "max")]
                found.setdefault(server, []).append((connections, *point))
    return {server: sorted(points) for server, points in found.items()}


def draw(title, unit, lines, file):
    figure, axes = plt.subplots(figsize=(7.2, 4.0), layout="constrained")
    for server, (colour, style) in STYLES.items():
        if server not in lines:
            continue
        connections, median, low, high = zip(*lines[server])
        axes.plot(connections, median, style, color=colour, label=server, markersize=5)
        axes.fill_between(connections, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(title, color=INK, loc="left", fontsize=11)
    axes.set_xlabel("connections", color=INK)
    axes.set_ylabel(unit, color=INK)
    axes.tick_params(which="both", colors=INK)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.yaxis.set_minor_formatter(
        lambda value, _: f"{value:,.10g}" if f"{value:e}"[0] in "25" else ""
    )
    axes.grid(which="major", color=INK, alpha=0.3, linewidth=0.5)
    for side in axes.spines.values():
        side.set_color(INK)
    axes.legend(frameon=False, labelcolor=INK, fontsize=9)
    # The same file from the same figures.
    plt.rcParams["svg.hashsalt"] = "echo"
    figure.savefig(file, transparent=True, metadata={"Date": None})


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: chart.py BENCH.json FOLDER")
    works = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))["works"]
    folder = pathlib.Path(sys.argv[2])
    cpu = curves(works, r"rtt(\d+)-pinned", "cpu", lambda _: 1)
    # With fewer, what other processes free meanwhile is more than what the connections take.
    memory = curves(works, r"idle(\d*)", "memory", lambda count: count / 1024, least=1000)
    if not cpu or not memory:
        sys.exit(f"chart.py: {sys.argv[1]} has no works rtt*-pinned and idle*")
    title = "Processor time per message of 512 bytes, server and client on a core each"
    draw(title, "µs", cpu, folder / "growth-cpu.svg")
    title = "Memory of silent connections, the kernel's included"
    draw(title, "MiB", memory, folder / "growth-memory.svg")


if __name__ == "__main__":
    main()
