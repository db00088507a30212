#!/usr/bin/env python3
"""Runs the sh blocks of a page, one after another in one shell, in an empty folder, with the
programs on PATH and in a network of their own: blocks.py PAGE BIN

A block fails if one of its commands does. A text block straight behind it is what it must print.
There an ellipsis (…) stands for anything, a line of only that for any lines, and a number with a
decimal point, because it was measured, for any such number. Lists what is not run, and why.
Skipped (77) if an ordinary user cannot make a network namespace, or if a program is missing that
the page names: <!-- needs: PROGRAM... -->
"""
import ctypes
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pages

LIMIT = 200  # seconds for a block: only ends what hangs
PR_SET_CHILD_SUBREAPER = 36
NAMESPACE = ['unshare', '--map-root-user', '--net']
NEEDS = re.compile(r'<!-- needs: (\S.*) -->')


def pattern_of(shown):
    pattern = re.escape(shown)
    pattern = re.sub(r'(?<![\d.])\d+\\\.\d+(?!\\?[\d.])', r'-?\\d+\\.\\d+', pattern)
    pattern = re.sub(r'^…\\\n', r'(?:.*\\n)*', pattern, flags=re.M)
    return pattern.replace('…', '.*')


def script_of(blocks, work):
    lines = ['set -euo pipefail', f'cd {shlex.quote(str(work / "folder"))}']
    for number, block in enumerate(blocks):
        output = shlex.quote(str(work / f'{number}.out'))
        lines += [f'exec >{output} 2>&1', block.text]
    return '\n'.join(lines)


def end_children():
    """Whatever the page started, and did not end, is a child of ours by now."""
    while True:
        for process in pathlib.Path('/proc').glob('[0-9]*/stat'):
            try:
                parent = int(process.read_text().rpartition(')')[2].split()[1])
            except OSError:
                continue
            if parent == os.getpid():
                os.kill(int(process.parent.name), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def running(blocks, work):
    """The block that the shell is at."""
    return sum((work / f'{number}.out').exists() for number in range(len(blocks))) - 1


def run(blocks, bin_folder, work):
    (work / 'folder').mkdir()
    script = work / 'script'
    script.write_text(script_of(blocks, work))
    environment = {**os.environ, 'PATH': f'{bin_folder}:{os.environ["PATH"]}', 'LC_ALL': 'C.UTF-8'}
    shell = subprocess.Popen(
        [*NAMESPACE, 'bash', '-c', 'ip link set lo up && exec bash "$0"', script],
        stdin=subprocess.DEVNULL, env=environment)
    at, since = -1, time.monotonic()
    while shell.poll() is None:
        if (now_at := running(blocks, work)) != at:
            at, since = now_at, time.monotonic()
        if time.monotonic() - since > LIMIT:
            return at, f'has not ended after {LIMIT} s'
        time.sleep(0.05)
    return running(blocks, work), f'ends with status {shell.returncode}' if shell.returncode else ''


def missing(page):
    names = NEEDS.findall(pathlib.Path(page).read_text(encoding='utf-8'))
    path = os.environ['PATH'] + ':/usr/sbin'
    return [name for line in names for name in line.split() if not shutil.which(name, path=path)]


def check_output(block, printed):
    if block.shown is not None and not re.fullmatch(pattern_of(block.shown), printed):
        raise pages.Fault(f'line {block.line}: this is shown:\n{block.shown}'
                          f'but this is printed:\n{printed}')


def main(page, bin_folder):
    blocks, _ = pages.read(page)
    for block in blocks:
        if block.language == 'console':
            print(f'line {block.line} is not run: {block.reason}')
    blocks = [block for block in blocks if block.language == 'sh']
    if not blocks:
        return
    if names := missing(page):
        print(f'skipped: there is no {", no ".join(names)} here')
        sys.exit(77)
    if subprocess.run([*NAMESPACE, 'true'], check=False).returncode != 0:
        print('skipped: no network namespace can be made here')
        sys.exit(77)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        try:
            at, fault = run(blocks, bin_folder, work)
        finally:
            end_children()
        outputs = [path.read_text() if (path := work / f'{number}.out').exists() else ''
                   for number in range(len(blocks))]
    if fault:
        raise pages.Fault(f'line {blocks[at].line}: the block {fault}:\n{outputs[at]}')
    for block, printed in zip(blocks, outputs):
        check_output(block, printed)
    print(f'{len(blocks)} blocks were run')


try:
    main(sys.argv[1], os.path.abspath(sys.argv[2]))
except pages.Fault as found:
    sys.exit(f'{sys.argv[1]}: {found}')
