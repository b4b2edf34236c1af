# SPDX-License-Identifier: GPL-2.0-or-later

"""Asks a Prometheus for all that the dashboard and the alerts ask for.

usage: scrape.py URL EXAMPLES

Ends with 1 if a selector finds no series, or a question has no answer: a metric that the server
and its exporter do not have, or with other labels.
"""

import json
import pathlib
import re
import sys
import urllib.parse
import urllib.request

SELECTOR = re.compile(r'\bknot_\w+\{[^}]*\}')


def ask(url, query):
    """Number of series that an expression gives."""
    query = urllib.parse.urlencode({'query': re.sub(r'\$\w+', '.+', query)})
    with urllib.request.urlopen(f'{url}/api/v1/query?{query}') as answer:
        return len(json.load(answer)['data']['result'])


def unanswered(url, expressions):
    """Those expressions, and selectors in them, that give nothing."""
    asked = {selector for text in expressions for selector in SELECTOR.findall(text)} | set(expressions)
    return sorted(text for text in asked if not ask(url, text))


def main(url, examples):
    board = json.loads((pathlib.Path(examples) / 'caaudit.dashboard.json').read_text())
    panels = [target['expr'] for panel in board['panels'] for target in panel['targets']]
    panels += [match[1] + '}' for match in re.finditer(r'label_values\(([^}]*)\}', json.dumps(board['templating']).replace('\\"', '"'))]
    rules = (pathlib.Path(examples) / 'caaudit.rules.yml').read_text()
    selectors = SELECTOR.findall(rules)
    missing = unanswered(url, panels + selectors)
    for text in missing:
        print('no answer:', text)
    # Something that does not exist is found out.
    invented = [panels[0].replace('knot_severity', 'knot_severities'), 'knot_findings{module="mod-caaudit"}']
    if not panels or not selectors or len(unanswered(url, invented)) < len(invented):
        sys.exit('scrape.py cannot see what is missing')
    print(f'{len(panels)} questions of the dashboard, {len(selectors)} selectors of the alerts, {len(missing)} without an answer')
    sys.exit(bool(missing))


if __name__ == '__main__':
    main(*sys.argv[1:])
