#!/usr/bin/env python3
"""Every link between the pages leads somewhere, and every file that they name exists:
links.py ROOT PAGE..."""
import pathlib
import re
import sys

import pages

LINK = re.compile(r'\]\(([^)\s]+)\)')
NAMED = re.compile(r'`((?:\.ci|cmake|client|common|docs|examples|scripts|server|tests)/[\w./-]*)')


def anchors(page):
    """What GitHub makes of the headings: https://docs.github.com → "Section links"."""
    slugs, seen = set(), {}
    for line in pages.read(page)[1]:
        if heading := re.match(r'#{1,6} +(.*?)\s*$', line):
            text = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', heading[1])
            slug = re.sub(r'[^\w\- ]', '', text.lower()).replace(' ', '-')
            count = seen[slug] = seen.get(slug, -1) + 1
            slugs.add(f'{slug}-{count}' if count else slug)
    return slugs


def check_link(root, page, link):
    if re.match(r'https?://', link):
        return
    name, _, anchor = link.partition('#')
    target = (page.parent / name).resolve() if name else page
    if not target.exists() or not target.is_relative_to(root):
        raise pages.Fault(f'{link} leads nowhere')
    if anchor and anchor not in anchors(target):
        raise pages.Fault(f'{link}: the page has no such heading')


def check_page(root, page):
    text = ''.join(pages.read(page)[1])
    for link in LINK.findall(text):
        check_link(root, page, link)
    for named in NAMED.findall(text):
        if not (root / named).exists():
            raise pages.Fault(f'there is no {named}')


def main(root, *names):
    root = pathlib.Path(root).resolve()
    failed = False
    for name in names:
        try:
            check_page(root, root / name)
        except pages.Fault as fault:
            print(f'{name}: {fault}')
            failed = True
    sys.exit(failed)


main(*sys.argv[1:])
