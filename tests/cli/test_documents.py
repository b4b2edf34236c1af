# SPDX-License-Identifier: GPL-2.0-or-later

"""Help, man page, completion and documentation agree with the option table of the command."""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from support import COMMAND, DENIED, SOURCE, CliTest, options

OPTION = re.compile(r'(?<![\w-])--[a-z][a-z-]*')


def check_options():
    return [option for option in options() if option.command == 'check']


def zone_options():
    """The options of the commands that look at zones, each once."""
    table = {}
    for option in options():
        if option.command in ('check', 'probe'):
            table.setdefault(option.name, option)
    return list(table.values())


def missing(wanted, said):
    """What one list has and the other has not, both ways."""
    return sorted(set(wanted) ^ set(said))


def man_options(text):
    """(long, short, argument) of every option item in an mdoc page."""
    found = []
    for line in text.splitlines():
        match = re.match(r'\.It Fl (?:(\w) , Fl )?\\-([a-z-]+)(?: (?:Ar|Cm) (.*))?$', line)
        if match:
            arg = match.group(3)
            if arg:
                arg = re.sub(r' Ns Op (\S+) Ns Ar (\S+)', r'[\1\2]', arg)
            found.append(('--' + match.group(2), match.group(1) and '-' + match.group(1),
                          arg and arg.replace(' | ', '|')))
    return found


def help_options(text):
    """Long options of a help text."""
    return OPTION.findall(text)


def completion_options(text, command):
    """Options that the completion offers for a command."""
    part = re.search(rf'^\t(?:\w+ \| )*{command}(?: \| \w+)*\)$(.*?)^\t\t;;$', text, re.M | re.S)
    words = re.search(r"compgen -W '([^']*)'", part.group(1)).group(1)
    return words.split()


class Documents(CliTest):
    def test_help(self):
        for command in ('check', 'probe', 'findings', 'explain', 'cas', 'stats'):
            said = self.caaudit(command, '--help').out
            table = [option for option in options() if option.command == command]
            self.assertEqual(missing([option.name for option in table], help_options(said)), [], command)
            for option in table:
                if option.letter:
                    self.assertRegex(said, rf'{option.letter}, {option.name}\b')
            lines = said.splitlines()
            self.assertLessEqual(len(lines), 23)
            self.assertLessEqual(max(map(len, lines)), 79)
        lines = self.caaudit('--help').out.splitlines()
        self.assertLessEqual(len(lines), 23)
        self.assertLessEqual(max(map(len, lines)), 79)

    def test_help_marks_what_may_be_repeated(self):
        for option in options():
            if option.command not in ('check', 'probe'):
                continue
            said = self.caaudit(option.command, '--help').out
            line = next(line for line in said.splitlines() if re.search(rf'{option.name}(?![\w-])', line))
            if not line.startswith(('Usage', '      ')) and not re.search(r'-\w, .* -\w, ', line):
                self.assertEqual(line.endswith('*'), option.repeatable, line)

    def test_man_page(self):
        text = pathlib.Path(os.environ['CAAUDIT_MAN']).read_text()
        self.assertIn(f'.Os caaudit {os.environ["CAAUDIT_VERSION"]}\n', text)
        self.assertNotIn('@VERSION@', text)
        found = man_options(text)
        self.assertEqual([name for name, count in
                          collections.Counter(name for name, *_ in found).items() if count > 1], [])
        table = {(option.name, option.letter, option.arg and option.arg.lower())
                 for option in zone_options()}
        self.assertEqual(missing(table, {(name, letter, arg and arg.lower()) for name, letter, arg in found}),
                         [])
        for option in zone_options():
            item = re.search(rf'^\.It Fl (?:\w , Fl )?\\-{option.name[2:]}\b.*?^(?:\.It Fl|\.El\n\.Pp)', text,
                             re.M | re.S)
            self.assertEqual('May be repeated' in item.group(), option.repeatable, option.name)

    def test_man_page_names_the_members(self):
        schema = json.loads((SOURCE / 'module/cli/caaudit.schema.json').read_text())
        page = pathlib.Path(os.environ['CAAUDIT_MAN']).read_text()
        said = re.search(r'^\.Sh JSON\n(.*?)^\.Sh ', page, re.M | re.S)[1].lower()
        items = dict(re.findall(r'^\.it (.*?)\n(.*?)(?=^\.(?:it|el)\b)', said, re.M | re.S))
        named = [name for item in items for name in item.split(' , ')]
        self.assertEqual(named, list(schema['properties']))
        for name, about in schema['properties'].items():
            kind = about.get('items', about).get('$ref', '').rpartition('/')[2]
            members = schema['$defs'].get(kind, {}).get('properties', {})
            self.assertEqual(set(members) - set(re.findall(r'[a-z_]+', items.get(name, ''))), set(), name)

    def test_man_page_formats(self):
        groff = shutil.which('groff')
        if groff is None:
            self.skipTest('no groff')
        run = subprocess.run([groff, '-mandoc', '-ww', '-Tascii', os.environ['CAAUDIT_MAN']],
                             capture_output=True, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, b''))

    def test_completion(self):
        text = (SOURCE / 'module/cli/caaudit.bash').read_text()
        for command in ('check', 'probe', 'findings', 'explain', 'cas', 'stats'):
            table = [word for option in options() if option.command == command
                     for word in (option.name, option.letter) if word]
            self.assertEqual(missing(table, completion_options(text, command)), [], command)

    def complete(self, *words):
        bash = shutil.which('bash')
        if bash is None:
            self.skipTest('no bash')
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '_caaudit; printf "%s\\n" "${COMPREPLY[@]}"')
        run = subprocess.run([bash, '--norc', '-c', script, 'bash', SOURCE / 'module/cli/caaudit.bash',
                              os.environ['CAAUDIT'], *words], capture_output=True, text=True, check=False,
                             cwd=self.dir)
        self.assertEqual(run.stderr, '')
        return sorted(filter(None, run.stdout.split('\n')))

    def test_completion_works(self):
        self.put('two words.zone', '')
        self.put('other.zone', '')
        self.assertEqual(self.complete('ch'), ['check'])
        self.assertEqual(self.complete('check', '--fo'), ['--force', '--format'])
        self.assertEqual(self.complete('check', '--format', ''), ['json', 'prometheus', 'short', 'text'])
        self.assertEqual(self.complete('cas', '--format', ''), ['json', 'text'])
        self.assertEqual(self.complete('stats', '--c'), ['--control'])
        self.assertEqual(self.complete('check', '--format', '=', 'j'), ['json'])
        self.assertEqual(self.complete('check', '--fix', '=', ''), ['knotc', 'nsupdate', 'zonefile'])
        self.assertEqual(self.complete('check', '--fix', '='), ['knotc', 'nsupdate', 'zonefile'])
        self.assertEqual(self.complete('check', '--fail-on', 'w'), ['warning'])
        self.assertEqual(self.complete('check', 'tw'), ['two words.zone'])
        self.assertEqual(self.complete('check', '--control', 'o'), ['other.zone'])
        self.assertEqual(self.complete('check', '--ca', ''), [])
        self.assertEqual(self.complete('explain', 'caa-issue-'), ['caa-issue-denied'])
        self.assertEqual(self.complete('findings', ''), [])
        self.assertEqual(self.complete('cas', 'sec'), ['secomtrust.net', 'sectigo.com'])

    def test_words_of_options(self):
        """Where the table lists words, the command takes just these."""
        zone = self.put('example.com.zone', DENIED)
        for option in check_options():
            if option.arg and '|' in option.arg:
                for word in option.arg.split('|'):
                    self.assertEqual(self.caaudit('check', option.name, word, zone).code, 1)
                self.assertEqual(self.complete('check', option.name, ''), sorted(option.arg.split('|')))

    def test_pages(self):
        """Options that the pages show are in the table."""
        table = {(option.command, word) for option in options()
                 for word in (option.name, option.letter) if word}
        shown = 0
        for path in [SOURCE / 'README.md', *sorted((SOURCE / 'docs').glob('*.md'))]:
            for command, rest in re.findall(r'^caaudit (\w+)(.*)$', path.read_text().replace('\\\n', ' '), re.M):
                for word in re.findall(r'(?<!\S)--?[a-z][a-z-]*', re.sub(r"'[^']*'|\|.*", '', rest)):
                    self.assertIn((command, word), table, path.name)
                    shown += 1
        self.assertGreater(shown, 20)

    def test_picture(self):
        """docs/picture.svg is what the command prints today: python3 docs/picture.py CAAUDIT >docs/picture.svg"""
        made = subprocess.run([sys.executable, SOURCE / 'docs/picture.py', COMMAND], capture_output=True, text=True, check=False)
        self.assertEqual((made.returncode, made.stderr), (0, ''))
        self.assertEqual(made.stdout, (SOURCE / 'docs/picture.svg').read_text())
        self.assertIn('>denied</text>', made.stdout)

    # --- the checks can fail

    def test_twins(self):
        names = [option.name for option in zone_options()]
        text = pathlib.Path(os.environ['CAAUDIT_MAN']).read_text()
        spoilt = text.replace('.It Fl \\-strict\n', '.It Fl \\-stricter\n')
        self.assertEqual(missing(names, [name for name, *_ in man_options(spoilt)]), ['--strict', '--stricter'])
        bash = (SOURCE / 'module/cli/caaudit.bash').read_text()
        spoilt = bash.replace(' --strict\n', '\n')
        self.assertEqual(missing(completion_options(bash, 'check'), completion_options(spoilt, 'check')),
                         ['--strict'])
        said = self.caaudit('check', '--help').out
        self.assertEqual(missing(help_options(said), help_options(said.replace('--force', '       '))),
                         ['--force'])


if __name__ == '__main__':
    unittest.main()
