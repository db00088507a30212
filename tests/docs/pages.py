"""What the tests of the documentation share: a page's fenced blocks, and the text around them."""
import dataclasses
import re

# A language says what happens with a block: "sh" is run, "text" behind it is what it prints,
# "console" is a command that the test cannot run, and the others are files.
LANGUAGES = {'sh', 'text', 'console', 'toml', 'haproxy', 'json', 'yaml'}
REASON = re.compile(r'<!-- not run: (\S.*) -->')


class Fault(Exception):
    """A page that is not as it should be."""


@dataclasses.dataclass
class Block:
    line: int
    language: str
    text: str = ''
    reason: str = ''        # why a console block is not run
    shown: str = None       # what a sh block prints, if the page shows it


def check(block):
    if block.language not in LANGUAGES:
        raise Fault(f'line {block.line}: a block is one of {", ".join(sorted(LANGUAGES))}, '
                    f'not "{block.language}"')
    if block.language == 'console' and not block.reason:
        raise Fault(f'line {block.line}: "<!-- not run: REASON -->" is missing above the block')
    if block.language == 'text' and re.search(r'^\$ ', block.text, re.M):
        raise Fault(f'line {block.line}: a command in a block of text is never run')


def read(page):
    """The page's blocks, and its lines with those of the blocks left empty."""
    blocks, prose, above = [], [], ''
    block = None
    with open(page, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            fence = line.startswith('```')
            if block and not fence:
                block.text += line
            elif block:
                check(block)
                # A block of text straight behind a command.
                if block.language == 'text' and above == 'sh':
                    blocks[-1].shown = block.text
                above = block.language
                blocks.append(block)
                block = None
            elif fence:
                reason = REASON.fullmatch(above)
                block = Block(number, line[3:].strip(), reason=reason[1] if reason else '')
            elif line.strip():
                above = line.strip()
            prose.append('' if block or fence else line)
    if block:
        raise Fault(f'line {block.line}: the block has no end')
    return blocks, prose
