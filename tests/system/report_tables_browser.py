#!/usr/bin/python3 -B
"""A headless Chromium shows what echoc report makes of a search and of several targets:
report_tables_browser.py ECHOD ECHOC"""
import re

from report_page import (chart_values, check, check_nothing_loaded, check_paper, check_structure,
                         check_widths, load, make_page, result, run, save, served, show)

markup = '<img src="http://127.0.0.1:9/x"><script>alert(1)</script>'
limits = {'rate': 'the highest rate to try', 'server': 'the server and the way',
          'generator': 'echoc itself', 'connections': 'too few connections'}
# A search with trials of each verdict, one of them with markup in its words, one without a time.
made_search = {
    'objectives': ['p99<10s', 'errors<50%'], 'from': 400, 'to': 2000, 'precision': 0.02,
    'required': 0, 'rate': 999.9, 'confirmed': True, 'complete': True, 'next_failed': 1100,
    'limited_by': 'server', 'trials': [
        {'rate': 400, 'achieved': 400, 'duration_s': 1, 'confirming': False, 'verdict': 'met',
         'values': ['p99 0.153 s', 'errors 0 %']},
        {'rate': 1600, 'achieved': 999.75, 'duration_s': 1, 'confirming': False,
         'verdict': 'missed', 'values': ['p99 12.5 s', markup, 'fell behind']},
        {'rate': 1200.5, 'achieved': 1000, 'duration_s': 1.5, 'confirming': False,
         'verdict': 'unknown', 'values': ['p99 0.194 s', 'errors 0 %']},
        {'rate': 1000, 'achieved': 999.9, 'duration_s': 10, 'confirming': True, 'verdict': 'met',
         'values': ['p99 4.56 s', 'errors 0 %']},
        {'rate': 1100, 'achieved': 1000, 'duration_s': 10, 'confirming': True,
         'verdict': 'missed', 'values': ['p99 5.1 % had no answer', 'errors 5.1 %']}]}


def make_results():
    with served(2) as addresses:
        load('found', addresses[0], '--find-rate', 'p99<10s,errors<50%', '--from', '100', '--to',
             '200', '-d', '1s')
        load('targets', *addresses, '--rounds', '4', '-r', '200', '-d', '200ms', '--slo', 'p99<10s')
    save('made', {**result('found'), 'find_rate': made_search})
    odd = result('targets')
    odd['targets'][1]['target'] = markup
    odd['targets'].append({'target': 'dead:1', 'runs': []})
    save('odd', odd)


def table_of(browser, caption):
    """Rows of cells; a cell is its text and the lines below it."""
    return browser.execute_script("""
        const table = [...document.querySelectorAll("table")]
          .find(({caption}) => caption.textContent === arguments[0]);
        return [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => {
          const lines = [...cell.querySelectorAll(".change")].map(({textContent}) => textContent);
          const all = cell.textContent;
          return [all.slice(0, all.length - lines.join("").length), ...lines];
        }));""", caption)


def number(text):
    """Of "87.2us", "2.00k/s", "1,234.5 messages/s", "+12.5 %": microseconds, or as it is."""
    match = re.match(r'([-+]?[\d.,]+) ?(us|ms|s|k|M|)(?=$|[^a-z])', text)
    factor = {'us': 1, 'ms': 1e3, 's': 1e6, 'k': 1e3, 'M': 1e6, '': 1}[match[2]]
    return float(match[1].replace(',', '')) * factor


def is_about(text, value, share=0.01):
    """Texts have three digits; what has no answer has no value."""
    if value is None:
        return text == 'failed'
    return abs(number(text) - value) <= share * abs(value) + 1e-9


def is_share(text, value):
    if value is None:
        return text == '-'
    return text.startswith('>') or abs(number(text) - 100 * value) <= 0.5


def verdict_of(trial, found):
    is_found = trial['confirming'] and trial['verdict'] == 'met' and trial['achieved'] == found['rate']
    return [trial['verdict'], 'found'] if is_found and found['confirmed'] else [trial['verdict']]


def check_search(browser, found):
    facts = {name[0]: text[0] for name, text in table_of(browser, 'What was found')}
    check(facts['Objective'] == ', '.join(found['objectives']), f'objective: {facts}')
    # A busy machine may find nothing.
    rate = f'{found["rate"]:,.1f} messages/s' if found['rate'] else 'no'
    check(facts['Found'].startswith(rate), f'found: {facts}')
    failed = found['next_failed']
    check(facts['Next failed'] == 'none' if failed is None else
          number(facts['Next failed']) == failed, f'next failed: {facts}')
    check(not found['complete'] or facts['Limit'].startswith(limits[found['limited_by']]),
          f'limit: {facts}')
    rows = table_of(browser, 'Trials, in their order')
    check(len(rows) == len(found['trials']), f'{len(rows)} trials')
    for (asked, achieved, length, verdict, values), trial in zip(rows, found['trials']):
        check(number(asked[0]) == trial['rate'], f'{asked} instead of {trial}')
        check(achieved[0] == f'{trial["achieved"]:,.1f}', f'{achieved} instead of {trial}')
        check(number(length[0]) == 1e6 * trial['duration_s'], f'{length} instead of {trial}')
        check(length[1:] == (['to confirm'] if trial['confirming'] else []), f'{length}: {trial}')
        check(verdict == verdict_of(trial, found), f'{verdict} instead of {trial}')
        check(values == [', '.join(trial['values'])], f'{values} instead of {trial}')
    check(sum(row[3][1:] == ['found'] for row in rows) == (1 if found['confirmed'] else 0),
          'the trial that is the one found')


def check_search_chart(browser, found):
    """The points have the p99 that the trials name; one rate alone has no chart."""
    if len({trial['rate'] for trial in found['trials']}) < 2:
        return
    shown = chart_values(browser, 'search-0')
    for verdict in ('met', 'missed', 'unknown'):
        texts = [trial['values'][0].removeprefix('p99 ') for trial in found['trials']
                 if trial['verdict'] == verdict]
        wanted = [number(text) for text in texts if text.endswith('s')]
        got = shown.get(verdict, [])
        check(len(got) == len(wanted) and all(abs(one - other) < 0.01
              for one, other in zip(got, wanted)), f'{verdict} has {got} instead of {wanted}')
    check(not found['confirmed'] or
          (len(shown['found']) == 1 and shown['found'][0] in shown['met']), f'found is {shown}')
    check(shown['limit 10.0s'] == [1e7, 1e7], f'the limit is {shown}')


def judgement(metric, enough):
    if not enough:
        return 'too few runs'
    if not metric['beyond_noise']:
        return 'within noise'
    higher = metric['change'] is None or metric['change'] > 0
    return 'better' if higher == (metric['name'] == 'rate') else 'worse'


def check_difference(row, metric, enough):
    base, base_spread, new, new_spread, change, p, judged = (cell[0] for cell in row[1:])
    check(row[0] == [metric['name']] and is_about(base, metric['base']) and
          is_about(new, metric['new']) and is_share(base_spread, metric['base_spread']) and
          is_share(new_spread, metric['new_spread']) and is_share(change, metric['change']) and
          p == f'{metric["p"]:.3f}' and judged == judgement(metric, enough),
          f'{row} instead of {metric}')


def check_targets(browser, targets):
    base, other = targets
    rows = table_of(browser, 'Medians of rounds, and change from the base')
    check([row[0] for row in rows] == [[base['target'], 'base'], [other['target']]], f'{rows}')
    check(all(row[1] == [str(len(target['runs']))] for row, target in zip(rows, targets)), f'{rows}')
    metrics = {metric['name']: metric for metric in other['metrics']}
    columns = ('rate', 'p50', 'p99', 'max', 'errors', 'cpu_per_message')
    check(list(metrics) == list(columns), f'metrics {list(metrics)}')
    for name, before, after in zip(columns, rows[0][2:], rows[1][2:]):
        metric = metrics[name]
        check(len(before) == 1 and after[2] == judgement(metric, other['enough_runs']) and
              is_share(after[1], metric['change']), f'{name}: {after} instead of {metric}')
        if name != 'errors':
            check(is_about(before[0], metric['base']) and is_about(after[0], metric['new']),
                  f'{name}: {before} and {after} instead of {metric}')
    for row, target in zip(rows, targets):
        check(number(row[6][0]) == sum(one['errors']['total'] for one in target['runs']), f'{row}')
    details = table_of(browser, f'{other["target"]} beside {base["target"]}')
    check(len(details) == len(metrics), f'{details}')
    for row, metric in zip(details, metrics.values()):
        check_difference(row, metric, other['enough_runs'])
    curves = chart_values(browser, 'targets-0')
    for target in targets:
        longest = max(one['latency']['max'] for one in target['runs'])
        check(curves[target['target']][-1] == longest, f'{curves} does not end at {longest}')


def check_markup(browser, page):
    found = browser.execute_script('return [document.images.length, document.scripts.length,'
                                   ' document.body.textContent.includes("<img src=")]')
    check(found == [0, 3, True], f'{page.name}: markup in a text: {found}')


def check_page(browser, page):
    check(page.stat().st_size <= 500 * 1024, f'{page.name} is too large')
    show(browser, page)
    check_nothing_loaded(browser, page)
    check_structure(browser, page)
    check_paper(browser, page)
    check_widths(browser, page)


def test(browser):
    make_results()
    for name in ('found', 'made'):
        page = make_page(f'{name}.html', name)
        check_page(browser, page)
        check_search(browser, result(name)['find_rate'])
        check_search_chart(browser, result(name)['find_rate'])
    check_markup(browser, page)
    page = make_page('targets.html', 'targets')
    check_page(browser, page)
    check_targets(browser, result('targets')['targets'])
    page = make_page('odd.html', 'odd')
    check_page(browser, page)
    check_markup(browser, page)
    check_page(browser, make_page('both.html', 'made', 'targets'))


run(test)
