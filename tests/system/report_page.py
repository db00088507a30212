"""What tests of the pages of echoc report share: results, pages, a headless Chromium and its checks.

Debian's python3, for which python3-selenium is. Skipped (77) without that, Chromium or its driver.
"""
import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    print('skipped: python3-selenium is not installed')
    sys.exit(77)

driver_path = shutil.which('chromedriver')
if not driver_path or not shutil.which('chromium'):
    print('skipped: chromium-driver is not installed')
    sys.exit(77)

echod, echoc = sys.argv[1:]
folder = pathlib.Path(tempfile.mkdtemp(prefix='echo-test-'))
patience = 120  # seconds
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)


@contextlib.contextmanager
def served(count=1):
    """The addresses of an echod with that many."""
    ports = folder / 'ports'
    server = subprocess.Popen([echod, *['-l', '127.0.0.1:0'] * count, '--port-file', ports],
                              stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + patience
        while not ports.exists():
            assert server.poll() is None and time.monotonic() < end, 'echod does not start'
            time.sleep(0.05)
        yield ports.read_text().split()
    finally:
        server.terminate()
        server.wait()


def load(name, *arguments):
    subprocess.run([echoc, 'load', *arguments, '-q', '--json', folder / f'{name}.json'],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=patience,
                   check=False)


def result(name):
    return json.loads((folder / f'{name}.json').read_text())


def save(name, changed):
    (folder / f'{name}.json').write_text(json.dumps(changed))


def make_page(name, *results):
    subprocess.run([echoc, 'report', *(folder / f'{one}.json' for one in results),
                    '-o', folder / name], check=True, timeout=patience)
    return folder / name


def start_browser():
    options = webdriver.ChromeOptions()
    # Containers have neither a sandbox for root nor much shared memory.
    for argument in ('--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu',
                     '--no-first-run', '--disable-background-networking',
                     f'--user-data-dir={folder}/profile'):
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    browser = webdriver.Chrome(service=Service(driver_path), options=options)
    browser.set_page_load_timeout(patience)
    browser.set_script_timeout(patience)
    return browser


def show(browser, page, width=1280, scheme='light'):
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
        'width': width, 'height': 900, 'deviceScaleFactor': 1, 'mobile': width < 500})
    browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {
        'features': [{'name': 'prefers-color-scheme', 'value': scheme}]})
    browser.get(page.as_uri())
    WebDriverWait(browser, patience).until(lambda one: one.execute_script(
        'return document.readyState === "complete" && drawings.every(({chart}) => chart)'))


def chart_values(browser, canvas):
    """{label: [y, ...]} of what Chart.js drew."""
    return browser.execute_script(
        'return Object.fromEntries(Chart.getChart(document.getElementById(arguments[0])).data.datasets'
        '.map(({label, data}) => [label, data.map(({y}) => y)]))', canvas)


def check_nothing_loaded(browser, page):
    errors = browser.get_log('browser')
    check(not errors, f'{page.name}: the console has {errors}')
    for entry in browser.get_log('performance'):
        message = json.loads(entry['message'])['message']
        request = message['params'] if message['method'] == 'Network.requestWillBeSent' else {}
        if request.get('documentURL') != page.as_uri():  # the browser's own pages load a lot
            continue
        url = request['request']['url']
        check(url == page.as_uri() or url.startswith('data:'), f'{page.name}: loads {url}')


def check_widths(browser, page):
    for width, scheme in ((390, 'light'), (390, 'dark'), (1280, 'dark')):
        show(browser, page, width, scheme)
        got = browser.execute_script('return document.documentElement.scrollWidth')
        check(got <= width, f'{page.name}: {got} px wide at {width}')
        colors = browser.execute_script(
            'return [getComputedStyle(document.body).backgroundColor,'
            ' Chart.getChart(document.querySelector("canvas")).options.plugins.legend.labels.color]')
        wanted = {'light': ['rgb(255, 255, 255)', '#1b1f24'], 'dark': ['rgb(13, 17, 23)', '#e6edf3']}
        check(colors == wanted[scheme], f'{page.name}: {scheme} is {colors}')


def check_structure(browser, page):
    check(browser.execute_script('return document.documentElement.lang') == 'en', 'lang')
    check(browser.title != '', 'title')
    check(browser.execute_script('return document.querySelectorAll("h1").length') == 1, 'one h1')
    # Each chart is followed by a table.
    lonely = browser.execute_script(
        'return [...document.querySelectorAll("canvas")].filter((one) => {'
        ' const after = [...one.closest("section").querySelectorAll("table")];'
        ' return !after.some((table) => one.compareDocumentPosition(table) & 4); }).length')
    check(lonely == 0, f'{page.name}: {lonely} charts without a table')


def check_paper(browser, page):
    """On A4 less its margins nothing is folded away or cut off."""
    show(browser, page, 718)
    browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print'})
    browser.execute_script('dispatchEvent(new Event("beforeprint"))')
    check(browser.execute_script('return document.querySelectorAll("main details:not([open])").length')
          == 0, f'{page.name}: tables are folded away on paper')
    got = browser.execute_script('return document.documentElement.scrollWidth')
    check(got <= 718, f'{page.name}: {got} px wide on paper')
    browser.execute_script('dispatchEvent(new Event("afterprint"))')
    browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': ''})
    check(browser.execute_script('return document.querySelectorAll("main details[open]").length') == 0,
          f'{page.name}: tables stay unfolded')


def run(test):
    """Runs test(browser), prints what failed and ends the program."""
    browser = None
    try:
        browser = start_browser()
        test(browser)
    finally:
        if browser:
            browser.quit()
        shutil.rmtree(folder, ignore_errors=True)
    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)
