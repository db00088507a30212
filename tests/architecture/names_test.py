#!/usr/bin/env python3
"""No name of one file hides another's: names_test.py SOURCE_FOLDER

A unity build compiles several files of a target as one. There a name in an anonymous namespace
meets those of the other files and what the headers declare. Two are an error at best; at worst a
call reaches another function than was meant.
"""
import collections
import pathlib
import re
import sys
import tempfile

Name = collections.namedtuple('Name', 'name namespace is_anonymous alias file line')
# Comments, literals, lines of the preprocessor.
NO_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
                     r"(?<!\w)'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M | re.S)
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
BEFORE = re.compile(r'\s*(?:template\s*<[^<>]*(?:<[^<>]*>[^<>]*)*>\s*|\[\[.*?\]\]\s*)*', re.S)
NAMESPACE = re.compile(r'(?:inline\s+)?namespace\b\s*([\w:]*)$')
ALIAS = re.compile(r'(?:using|namespace)\s+(\w+)\s*=|using\s+(?!namespace\b)[\w:]*::(\w+)$')
TYPE = re.compile(r'(?:enum(?:\s+class)?|class|struct|union)\s+(?:\w+\([^()]*\)\s*)?(\w+)'
                  r'(?:\s+final)?\s*(?::(?!:).*)?$', re.S)
OTHER = re.compile(r'[\w>][\s*&]+(\w+)\s*$')  # a type and a name; without a type it is a macro


def name_of(head):
    """The name that is declared by what stands before a brace or a semicolon."""
    if found := ALIAS.match(head) or TYPE.match(head):
        return found[found.lastindex]
    if re.match(r'using\b|friend\b|.*\boperator\b', head, re.S):
        return None
    head = head.split('=')[0]
    while (shorter := re.sub(r'<[^<>]*>', '>', head.replace('>>', '> >'))) != head:
        head = shorter
    return found[1] if (found := OTHER.search(re.split(r'[(\[]', head)[0])) else None


def names_in(file, text):
    text = NO_CODE.sub(lambda no_code: '\n' * no_code[0].count('\n'), text)
    namespaces, start, inside = [], 0, 0  # inside: so many braces of one declaration
    for sign in re.finditer(r'[{}();]', text):
        if inside or sign[0] == '(':
            inside += 1 if sign[0] in '{(' else -1 if sign[0] in '})' else 0
            start = start if inside or sign[0] == ')' else sign.end()
            continue
        begin = BEFORE.match(text, start).end()
        head, start = text[begin:sign.start()].rstrip(), sign.end()
        if sign[0] == '}':
            namespaces.pop()
        elif sign[0] == '{' and (opened := NAMESPACE.match(head)):
            namespaces.append(opened[1])
        else:
            inside = int(sign[0] == '{')
            if name := name_of(head):
                line = text.count('\n', 0, begin + re.search(rf'\b{name}\b', head).start()) + 1
                alias = ' '.join(head.split()) if ALIAS.match(head) else None
                around = ''.join(f'{one}::' for one in namespaces if one)
                yield Name(name, around, '' in namespaces, alias, file, line)


def targets(texts):
    """The sources of each target, as CMake lists them; a function adds its own to every call."""
    for path, text in texts.items():
        folder = path.removesuffix('CMakeLists.txt')
        sources = lambda words: re.findall(r'(?<![\w/}])[\w/]+\.cpp\b', words)
        own = {function: sources(body) for function, body in
               re.findall(r'^function\((\w+)(.*?)^endfunction', text, re.M | re.S)}
        for function, words in re.findall(r'^(add_\w+)\(([^()]*)\)', text, re.M):
            if folder != path and (files := sources(words)):
                yield [folder + one for one in files + own.get(function, [])]


def faults(root):
    texts = {str(path.relative_to(root)): path.read_text()
             for top in ('common', 'examples', 'server', 'client', 'tests')
             for path in sorted((root / top).rglob('*.*')) if path.suffix in ('.h', '.cpp', '.txt')}
    names = {file: [] if file.endswith('.txt') else list(names_in(file, text))
             for file, text in texts.items()}
    if not any(targets(texts)):
        yield f'{root}: has no sources'
    for files in targets(texts):
        rooms = {'common', *(file.rpartition('/')[0] for file in files)}
        rooms |= {'tests/support'} if files[0].startswith('tests/') else set()
        seen = files + [file for file in texts if re.sub(r'/\w+\.h$', '', file) in rooms]
        for file in seen:  # grows by what they include
            seen += [one for one in INCLUDE.findall(texts[file])
                     if one in texts and one not in seen]
        alike = collections.defaultdict(list)
        for one in (one for file in seen for one in names[file]):
            if one.is_anonymous or one.file.endswith('.h'):
                alike[one.name].append(one)
        for one, other in ((one, other) for group in alike.values() for one in group
                           for other in group if one.is_anonymous and other.file != one.file):
            is_same = one.alias and one.alias == other.alias
            if not is_same and one.namespace.startswith(other.namespace):
                yield f'{one.file}:{one.line}: {one.name} also stands in {other.file}:{other.line}'


def faults_beside(declaration):
    unnamed = 'namespace echo {{\nnamespace {{\n{}\n}}  // namespace\n}}\n'.format
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (('client/CMakeLists.txt', 'add_room(client SOURCES\n  a.cpp\n  b.cpp)'),
                           ('client/a.cpp', unnamed('using A = B;\nint one(int) {}\nint one() {}')),
                           ('client/b.cpp', unnamed(declaration)),
                           ('common/c.h', 'namespace echo {\nint two();\nstruct C { int d; };\n}')):
            pathlib.Path(folder, name).parent.mkdir(exist_ok=True)
            pathlib.Path(folder, name).write_text(text)
        return [one for one in faults(pathlib.Path(folder)) if one.startswith('client/b.cpp:3: ')]


for text in ('using A = B;', 'TEST_CASE("one()") { int one; }', 'int d;  // int one();'):
    if seen := faults_beside(text):
        sys.exit(f'{text} is sound: {seen}')
for text in ('T<U> one(V = {}) {}', 'const int one[] = {1};', 'using A = C;', 'using b::one;',
             'void two() {}', 'enum class C : int { a };', 'template <typename T> struct C {};'):
    if not faults_beside(text):
        sys.exit(f'{text} is not found')
sys.exit('\n'.join(sorted(set(faults(pathlib.Path(sys.argv[1]))))) or 0)
