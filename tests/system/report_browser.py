#!/usr/bin/python3 -B
"""A headless Chromium shows a page of echoc report: report_browser.py ECHOD ECHOC"""
import subprocess

from report_page import (chart_values, check, check_nothing_loaded, check_paper, check_structure,
                         check_widths, echoc, folder, load, make_page, patience, result, run, save,
                         served, show)


def make_results():
    """Two short runs, the second with a name that would be markup if it were not escaped."""
    with served() as (address,):
        for name in 'ab':
            load(name, address, '-r', '500', '-d', '1s', '-i', '100ms', '--slo', 'p99<10s')
    save('b', {**result('b'), 'label': '<img src="http://127.0.0.1:9/x"><script>alert(1)</script>'})
    with open(folder / 'nothing.json', 'w', encoding='utf-8') as file:
        subprocess.run([echoc, 'load', '127.0.0.1:1', '-d', '100ms', '--json', '-'], stdout=file,
                       stderr=subprocess.DEVNULL, timeout=patience, check=False)


def check_values(browser, saved):
    """The charts have the values of the result, and the tables those of the text report."""
    rows = saved['intervals']
    times = chart_values(browser, 'times-0')
    for label, key in (('p50', 'p50'), ('p99', 'p99'), ('max', 'max'), ('echoc late by', 'lateness')):
        check(times[label] == [row[key] for row in rows], f'{label} over time')
    rates = chart_values(browser, 'rate-0')
    check(rates['errors'] == [row['errors'] for row in rows], 'errors over time')
    # The rate is that over the time between two ends, which are saved to the microsecond.
    check(all(abs(shown - row['rate']) <= 0.001 * row['rate']
              for shown, row in zip(rates['messages/s'], rows)) and
          len(rates['messages/s']) == len(rows), 'rate over time')
    latency = chart_values(browser, 'percentiles-0')['latency']
    check(latency[0] == saved['latency']['min'] and latency[-1] == saved['latency']['max'],
          'ends of the latency')
    check(all(value in latency for percentile, value in saved['latency']['percentiles'].items()
              if float(percentile) <= 99), 'percentiles of the latency')
    check(chart_values(browser, 'connect-0')['connect'][-1] == saved['connect']['max'], 'connect times')
    report = subprocess.run([echoc, 'merge', folder / 'a.json'], stdout=subprocess.PIPE, text=True,
                            timeout=patience, check=False).stdout
    wanted = [line.split() for line in report.splitlines()
              if line.startswith(('count', 'min', 'mean', 'stddev', 'p50', 'p9', 'max'))]
    shown = browser.execute_script(
        'return [...document.querySelectorAll(".figures")[0].tBodies[0].rows]'
        '.map((row) => [...row.cells].map((cell) => cell.textContent))')
    check(shown == wanted, f'the table of times has {shown} and the text report {wanted}')


def check_formats(browser):
    """Ties go to the even digit, as in the text report."""
    cases = {0.125: '0.12us', 2.135: '2.13us', 87.25: '87.2us', 999.5: '1.00ms', 999.499: '999us',
             1350: '1.35ms', 2010000: '2.01s', 9.994: '9.99us', 9.995: '10.0us'}
    for us, text in cases.items():
        got = browser.execute_script('return shortTime(arguments[0])', us)
        check(got == text, f'{us} us is {got} instead of {text}')


def check_markup(browser):
    found = browser.execute_script(
        'return [document.images.length, [...document.querySelectorAll("td")]'
        '.some(({textContent}) => textContent.includes("<script>"))]')
    check(found == [0, True], f'markup in a label: {found}')


def test(browser):
    make_results()
    one = make_page('one.html', 'a')
    many = make_page('many.html', 'a', 'b', 'nothing')
    show(browser, one)
    check_nothing_loaded(browser, one)
    check_values(browser, result('a'))
    check_formats(browser)
    check_structure(browser, one)
    check_paper(browser, one)
    check_widths(browser, one)
    show(browser, many)
    check_nothing_loaded(browser, many)
    check_structure(browser, many)
    check_markup(browser)
    check(len(chart_values(browser, 'percentiles-all')) == 2, 'two curves beside each other')
    check_widths(browser, many)


run(test)
