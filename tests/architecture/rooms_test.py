#!/usr/bin/env python3
"""No room includes one that it must not: rooms_test.py ROOMS_PY SOURCE_FOLDER"""
import pathlib
import subprocess
import sys
import tempfile

rooms, source = sys.argv[1:]


def check(folder):
    done = subprocess.run([sys.executable, '-B', rooms, '--check', folder],
                          capture_output=True, text=True)
    return done.returncode, done.stderr


def check_files(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check(folder)


def expect(what, condition, seen):
    if not condition:
        sys.exit(f'{what}: {seen}')


sound = {'common/a.h': '', 'server/core/b.h': '#include "common/a.h"\n'}
seen = check_files(sound)
expect('a sound house passes', seen == (0, ''), seen)
for what, file, text in (
        ('an arrow back', 'common/c.h', '#include "server/core/b.h"\n'),
        ('an arrow across', 'client/wire/c.h', '#include "server/core/b.h"\n'),
        ('a circle', 'common/a.h', '#include "common/d.h"\n'),
        ('a room nobody knows', 'server/attic/c.h', '')):
    seen = check_files({**sound, 'common/d.h': '#include "common/a.h"\n', file: text})
    expect(f'{what} is found', seen[0] == 1 and seen[1], seen)

status, errors = check(source)
print(errors, end='')
sys.exit(status)
