#!/usr/bin/env python3
"""The tests of the documentation find what is wrong with a page. Skipped (77) like blocks.py."""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).parent


def run(script, *arguments):
    done = subprocess.run([sys.executable, '-B', here / script, *arguments],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def block(language, text):
    return f'```{language}\n{text}\n```\n'


def blocks(text):
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder, 'page.md')
        page.write_text(text)
        return run('blocks.py', page, folder)


def links(text):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, 'docs').mkdir()
        pathlib.Path(folder, 'docs/other.md').write_text('# One & two\n## One\n## One\n')
        pathlib.Path(folder, 'page.md').write_text(text)
        return run('links.py', folder, 'page.md', 'docs/other.md')


def expect(seen, status, part=''):
    if seen[0] != status or part not in seen[1]:
        sys.exit(f'expected {status} and "{part}", not {seen}')


def is_gone(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


if blocks(block('sh', 'true'))[0] == 77:
    print('skipped: no network namespace can be made here')
    sys.exit(77)

# The blocks are one program, and what they print is compared.
expect(blocks(block('sh', 'a=7 b=1.5') + 'so\n' +
              block('sh', 'echo $a of $b s, $a times; echo; echo end') +
              block('text', '7 of 22.75 s, …\n…\nend')), 0, '2 blocks were run')
expect(blocks(block('sh', 'echo 7') + block('text', '8')), 1, 'line 1: this is shown')
expect(blocks(block('sh', 'echo 127.0.0.1') + block('text', '127.0.0.2')), 1,
       'this is printed:\n127.0.0.1')
expect(blocks(block('sh', 'echo so\nfalse\necho on') + block('sh', 'true')), 1,
       'line 1: the block ends with status 1:\nso\n')
expect(blocks(block('sh', 'true') + block('sh', 'no-such-program | cat')), 1, 'line 4')
expect(blocks(block('sh', 'false | cat')), 1)

# What is not run has a reason.
expect(blocks('<!-- not run: no such machine -->\n' + block('console', 'false')), 0,
       'line 2 is not run: no such machine')
expect(blocks(block('console', 'false')), 1, 'REASON')
expect(blocks(block('text', '$ false')), 1, 'never run')
expect(blocks(block('', 'false')), 1, 'a block is one of')
expect(blocks('```sh\ntrue\n'), 1, 'no end')

# A page is skipped without the programs that it needs, wherever Debian has them.
expect(blocks('<!-- needs: bash no-such-program -->\n' + block('sh', 'false')), 77,
       'there is no no-such-program here')
expect(blocks('<!-- needs: bash ip -->\n' + block('sh', 'true')), 0, '1 blocks were run')

# The network is the page's own.
with socket.create_server(('127.0.0.1', 0)) as server:
    port = server.getsockname()[1]
    expect(blocks(block('sh', f'! nc -z 127.0.0.1 {port}')), 0)
    expect(blocks(block('sh', f'nc -l 127.0.0.1 {port} &\n'
                              f'until nc -z 127.0.0.1 {port}; do sleep 0.1; done')), 0)

# Nothing stays: neither a child nor a process of a session of its own.
with tempfile.TemporaryDirectory() as folder:
    pids = pathlib.Path(folder, 'pids')
    expect(blocks(block('sh', f'sleep 1000 & echo $! >{pids}\n'
                              f'setsid --fork sh -c "echo \\$\\$ >>{pids}; exec sleep 1000"\n'
                              f'until [ $(wc -l <{pids}) = 2 ]; do sleep 0.1; done')), 0)
    for process in pids.read_text().split():
        if not is_gone(int(process)):
            sys.exit(f'{process} still runs')

# Links between pages.
expect(links('[a](docs/other.md#one--two) [b](docs/other.md#one-1) [c](https://example.org/x) '
             '`docs/other.md`'), 0)
expect(links('[a](docs/none.md)'), 1, 'page.md: docs/none.md leads nowhere')
expect(links('[a](docs/other.md#two)'), 1, 'no such heading')
expect(links('[a](../page.md)'), 1, 'leads nowhere')
expect(links('see `docs/none.md`'), 1, 'there is no docs/none.md')
