#!/usr/bin/env python3
"""Draws which room includes which, as text, and checks it: scripts/rooms.py [--check] [FOLDER]

A room is a folder that holds sources. The arrows allowed are those of the static libraries in
CMake; here they are compared with what the sources really include, headers among them, which
a linker cannot see.
"""
import collections
import pathlib
import re
import sys

# What each room may include, beside itself. The order is from the ground floor up.
ALLOWED = {
    'common': [],
    'common/options': ['common'],
    'examples': ['common'],
    'common/listening': ['common'],
    'common/monitoring': ['common', 'common/listening'],
    'server/core': ['common', 'common/listening'],
    'server/config': ['common', 'common/options', 'server/core'],
    'server/monitoring': ['common', 'common/monitoring', 'server/core'],
    'server/process': ['common', 'server/core', 'server/config'],
    'server': ['common', 'common/listening', 'common/monitoring', 'server/core', 'server/config',
               'server/monitoring', 'server/process'],
    'client/results': ['common'],
    'client/page': ['common', 'client/results'],
    'client/wire': ['common'],
    'client/load': ['common', 'client/results', 'client/wire'],
    'client/idle': ['common', 'client/results', 'client/wire'],
    'client/commands': ['common', 'common/listening', 'common/monitoring', 'client/results',
                        'client/wire'],
    'client/command_line': ['common', 'common/options', 'client/results', 'client/page',
                            'client/wire', 'client/load', 'client/idle', 'client/commands'],
    'client': ['common', 'client/results', 'client/wire', 'client/load', 'client/idle',
               'client/commands', 'client/command_line'],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"((?:common|examples|server|client)/[^"]+)"', re.MULTILINE)


def sources(root):
    for top in ('common', 'examples', 'server', 'client'):
        for path in sorted((root / top).rglob('*')):
            if path.suffix in ('.h', '.cpp'):
                yield path


def room_of(path):
    return str(pathlib.PurePosixPath(path).parent)


def include_graph(root):
    """{file: [file it includes, ...]}, as paths below root."""
    return {str(path.relative_to(root)): INCLUDE.findall(path.read_text())
            for path in sources(root)}


def rooms(graph):
    arrows = collections.defaultdict(collections.Counter)
    for file, included in graph.items():
        for target in included:
            if room_of(target) != room_of(file):
                arrows[room_of(file)][room_of(target)] += 1
    return arrows


def files_in_circles(graph):
    """Units (a header and its source) that include each other, directly or in a ring."""
    unit = lambda file: re.sub(r'\.(h|cpp)$', '', file)
    edges = collections.defaultdict(set)
    for file, included in graph.items():
        edges[unit(file)] |= {unit(target) for target in included} - {unit(file)}

    def reachable(start):
        seen, todo = set(), [start]
        while todo:
            for target in edges[todo.pop()] - seen:
                seen.add(target)
                todo.append(target)
        return seen
    return sorted(one for one in list(edges) if one in reachable(one))


def faults(graph):
    for file, included in graph.items():
        room = room_of(file)
        if room not in ALLOWED:
            yield f'{file}: {room}/ is not a room; add it to {pathlib.Path(__file__).name}'
            continue
        for target in included:
            if target not in graph:
                yield f'{file}: includes {target}, which does not exist'
            elif room_of(target) not in (room, *ALLOWED[room]):
                yield f'{file}: {room}/ must not include {room_of(target)}/ ({target})'
    for unit in files_in_circles(graph):
        yield f'{unit}: is in a circle of includes'


def draw(graph):
    arrows = rooms(graph)
    lines = collections.Counter(room_of(file) for file in graph)
    for room in reversed(ALLOWED):
        stands_on = ', '.join(f'{to} ({count})' for to, count in sorted(arrows[room].items()))
        print(f'{room:22} {lines[room]:3} files  ->  {stands_on or "nothing"}')


def main(arguments):
    check = '--check' in arguments
    folders = [one for one in arguments if one != '--check']
    root = pathlib.Path(folders[0] if folders else pathlib.Path(__file__).parent.parent)
    graph = include_graph(root)
    if not graph:
        sys.exit(f'rooms.py: no sources below {root}')
    draw(graph)
    found = list(faults(graph)) if check else []
    for fault in found:
        print(fault, file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    main(sys.argv[1:])
