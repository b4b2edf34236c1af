# SPDX-License-Identifier: GPL-2.0-or-later

"""Asks a Prometheus for all that the dashboard and the alerts ask for.

usage: scrape.py URL EXAMPLES

Ends with 1 if a recorded name has no series, or a question no answer: a metric that the server and
its exporter do not have, or with other labels.
"""

import json
import pathlib
import re
import sys
import urllib.parse
import urllib.request


def ask(url, query):
    """Number of series that an expression gives."""
    query = urllib.parse.urlencode({'query': re.sub(r'\$\w+', '.+', query)})
    with urllib.request.urlopen(f'{url}/api/v1/query?{query}') as answer:
        return len(json.load(answer)['data']['result'])


def unanswered(url, expressions):
    """Those expressions, and recorded names in them, that give nothing."""
    names = {name for text in expressions for name in re.findall(r'\bcaaudit:\w+(?::\w+)?', text)}
    return sorted(text for text in names | set(expressions) if not ask(url, text))


def main(url, examples):
    board = json.loads((pathlib.Path(examples) / 'caaudit.dashboard.json').read_text())
    panels = [target['expr'] for panel in board['panels'] for target in panel['targets']]
    panels += [match[1] for match in re.finditer(r'label_values\((.*), \w+\)', '\n'.join(
        item['definition'] for item in board['templating']['list'] if 'definition' in item))]
    rules = re.findall(r'- record: (\S+)', (pathlib.Path(examples) / 'caaudit.rules.yml').read_text())
    missing = unanswered(url, panels + rules)
    for text in missing:
        print('no answer:', text)
    # Something that does not exist is found out.
    invented = [panels[0].replace('caaudit:severity', 'caaudit:severities').removesuffix(' or vector(0)'),
                'caaudit:findings{section="mod-caaudit"}']
    if not panels or not rules or len(set(invented) - set(unanswered(url, invented))) > 0:
        sys.exit('scrape.py cannot see what is missing')
    print(f'{len(panels)} questions of the dashboard, {len(rules)} recorded names, {len(missing)} without an answer')
    sys.exit(bool(missing))


if __name__ == '__main__':
    main(*sys.argv[1:])
