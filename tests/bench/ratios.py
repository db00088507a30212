"""ratios.py BENCH.json A [B...]: how A compares with each B, round by round.

Per work, the median of A's figure divided by B's of the same round, its 95 % interval from the
order statistics of the sign test, and how many rounds both have. scripts/bench.sh writes the file.
With fewer than 6 rounds no interval has 95 %, and it shows the extremes, marked "~".
"""

import json
import math
import pathlib
import statistics
import sys

FIGURES = ("rate", "p99.9", "cpu", "gbytes", "cpu_gbyte", "memory")
STREAMS = ("gbytes", "cpu_gbyte")


def interval(values):
    """The narrowest pair of order statistics that holds the median with at least 95 %."""
    values = sorted(values)
    cut, below = 0, 0.5 ** len(values)  # the chance that all of them are on one side
    while below <= 0.025:
        cut += 1
        below += math.comb(len(values), cut) * 0.5 ** len(values)
    return values[max(0, cut - 1)], values[len(values) - max(1, cut)], cut > 0


def ratios(samples, mine, other, key):
    pairs = zip(samples.get(mine, ()), samples.get(other, ()))
    return [a[key] / b[key] for a, b in pairs if a.get(key) and b.get(key)]


def line(name, key, other, values):
    low, high, is_sure = interval(values)
    mark = "" if is_sure else "~"
    middle = statistics.median(values)
    span = f"{mark}[{low:.3f}, {high:.3f}]"
    return f"{name:<16} {key:<10} {other:<18} {middle:6.3f} {span:<18} {len(values):>3}"


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: ratios.py BENCH.json A [B...]")
    works = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))["works"]
    mine = sys.argv[2]
    for name, work in works.items():
        samples = work["samples"]
        if mine not in samples:
            continue
        for key in FIGURES:
            if (key in STREAMS) != name.startswith("stream"):
                continue
            for other in sys.argv[3:] or [one for one in samples if one != mine]:
                if values := ratios(samples, mine, other, key):
                    print(line(name, key, other, values))


if __name__ == "__main__":
    main()
