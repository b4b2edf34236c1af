# SPDX-License-Identifier: GPL-2.0-or-later

"""The golden zones of validation slips and their twins: the module on a real server says the same."""

import argparse
import collections
import shlex
import sys

import harness
from harness import SOURCE, KnotTest

sys.path.insert(0, str(SOURCE / 'tests' / 'golden'))
import golden  # noqa: E402


def options(text):
    """Options of the module for those of the command."""
    parser = argparse.ArgumentParser()
    for name in ('--ca', '--host', '--validation'):
        parser.add_argument(name, action='append', default=[])
    parser.add_argument('--no-wildcard', action='store_true')
    parser.add_argument('--strict', action='store_true')
    known = parser.parse_args(shlex.split(text))
    lines = [f'{name}: [ {", ".join(f"{chr(34)}{value}{chr(34)}" for value in values)} ]'
             for name, values in (('ca', known.ca), ('host', known.host), ('validation', known.validation)) if values]
    return (*lines, *(['wildcard: off'] if known.no_wildcard else []), *(['strict: on'] if known.strict else []),
            'log-limit: 1000')


class Slips(KnotTest):
    def test_golden_zones(self):
        """A server can have each zone name once: one server after the other."""
        left = collections.defaultdict(list)
        for path in sorted(golden.ZONES.glob('dcv-*.zone')):
            left[golden.comments(path)['origin']].append(path)
        self.assertGreaterEqual(sum(map(len, left.values())), 22)
        while any(left.values()):
            group = {origin: paths.pop(0) for origin, paths in left.items() if paths}
            self.compare(group)

    def compare(self, group):
        modules, zone_options, zones = {}, {}, {}
        for number, (origin, path) in enumerate(group.items()):
            name = origin.rstrip('.') or '.'
            zones[name] = path.read_text()
            modules[f'm{number}'] = list(options(golden.comments(path).get('caaudit', '')))
            zone_options[name] = [f'module: mod-caaudit/m{number}']
        server = self.server(zones, modules=modules, zone_options=zone_options, template=['semantic-checks: off'])
        for origin, path in group.items():
            with self.subTest(path.stem):
                zone = origin.rstrip('.') or '.'
                server.wait_audit(zone)
                expected = sorted(path.with_suffix('.expect').read_text().splitlines())
                found = sorted(' '.join(part for part in line if part not in (None, '-')) for line in server.found(zone))
                self.assertEqual(found, expected)
                wanted = collections.Counter(line.split()[0] for line in expected)
                self.assertEqual(server.stats(zone).findings(), dict(wanted))
                id, _, clean = path.stem.partition('.')
                self.assertEqual(id in wanted, not clean)
                if not clean:
                    line = server.events('finding', zone, id=id)[0]
                    self.assertRegex(line.rest, r'(add|replace with): |publish it|keep the one|copy .* once more: |remove: ', 'says what to do')
        server.stop()


if __name__ == '__main__':
    harness.main()
