# SPDX-License-Identifier: GPL-2.0-or-later

"""The pipeline of config-examples, line by line as it is written there."""

import os
import shutil
import subprocess
import unittest

from support import COMMAND, DENIED, SANE, SOURCE, CliTest

EXAMPLE = SOURCE / 'config-examples' / 'pipeline'


def script():
    """Lines of the job's script."""
    lines = (EXAMPLE / 'gitlab-ci.yml').read_text().splitlines()
    begin = lines.index('  script:') + 1
    return [line.removeprefix('    - ') for line in lines[begin:] if line.startswith('    - ')]


@unittest.skipIf(shutil.which('git') is None, 'no git')
class Pipeline(CliTest):
    def setUp(self):
        super().setUp()
        self.env = {name: value for name, value in os.environ.items() if not name.startswith('GIT_')}
        self.env.update({name: str(self.dir / 'home') for name in ('HOME', 'XDG_CONFIG_HOME')})
        self.env.update({f'GIT_{who}_{what}': 'test@example.com' for who in ('AUTHOR', 'COMMITTER')
                         for what in ('NAME', 'EMAIL')})
        # The command under test is the one that is installed.
        (self.dir / 'bin').mkdir()
        (self.dir / 'bin/caaudit').symlink_to(COMMAND)
        self.env['PATH'] = f'{self.dir}/bin:{self.env["PATH"]}'
        self.repository = self.dir / 'zones'
        self.git('init', '-q', self.repository, cwd=self.dir)
        shutil.copy(EXAMPLE / 'check-zones.sh', self.repository)
        self.base = self.commit({'a.test.zone': SANE, 'sub/b.test.zone': SANE + '$INCLUDE more\n', 'sub/more': '',
                                 'old.test.zone': DENIED})

    def git(self, *words, cwd=None):
        return subprocess.run(['git', *map(str, words)], cwd=cwd or self.repository, env=self.env, check=True,
                              capture_output=True, text=True).stdout.strip()

    def commit(self, files):
        for name, text in files.items():
            path = self.repository / name
            path.parent.mkdir(exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        self.git('add', '-A')
        self.git('commit', '-q', '-m', 'change')
        return self.git('rev-parse', 'HEAD')

    def merge_request(self, files):
        """Runs the job over a change; returns its exit code and what it says."""
        self.git('checkout', '-q', '-B', 'change', self.base)
        self.commit(files)
        run = subprocess.run(['sh', '-ec', '\n'.join(script())], cwd=self.repository, capture_output=True, text=True,
                             env={**self.env, 'CI_MERGE_REQUEST_DIFF_BASE_SHA': self.base}, check=False)
        return run.returncode, run.stdout + run.stderr

    def test_changes(self):
        self.assertEqual(len(script()), 1)
        denied = '@ CAA 0 issue "letsencrypt.org"\n'
        for what, files, code, said, unsaid in (
                ('a sane change', {'a.test.zone': SANE + 'x A 192.0.2.1\n'}, 0, 'a.test.: clean', 'old.test.'),
                ('an error', {'a.test.zone': SANE + denied}, 1, 'caa-issue-denied', 'old.test.'),
                ('a new zone', {'new.test.zone': DENIED}, 1, 'new.test.', 'a.test.'),
                ('a name with blanks', {'x y/c.test.zone': DENIED}, 1, 'c.test.', 'a.test.'),
                ('a broken zone', {'a.test.zone': SANE + 'x A y\n'}, 2, 'a.test.zone:4: ', 'clean'),
                ('a zone that goes', {'old.test.zone': None}, 0, 'no zone file has changed', 'old.test.'),
                ('an included file', {'old.test.zone': SANE, 'sub/more': denied}, 1, 'b.test.', 'not known'),
                ('no zone', {'old.test.zone': SANE, 'README': 'zones\n'}, 0, '3 zones: 3 passed', 'denied')):
            with self.subTest(what):
                result, text = self.merge_request(files)
                self.assertEqual(result, code, text)
                self.assertIn(said, text)
                self.assertNotIn(unsaid, text)

    def test_other_commits_of_the_base_are_not_ours(self):
        self.git('checkout', '-q', '-B', 'change', self.base)
        change = self.commit({'a.test.zone': SANE + 'x A 192.0.2.1\n'})
        self.git('checkout', '-q', '-B', 'main', self.base)
        main = self.commit({'other.test.zone': DENIED})
        self.git('checkout', '-q', change)
        run = subprocess.run([self.repository / 'check-zones.sh', main], cwd=self.repository, env=self.env,
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)


if __name__ == '__main__':
    unittest.main()
