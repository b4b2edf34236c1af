# SPDX-License-Identifier: GPL-2.0-or-later

"""What auditor_faults.c does to a server, as an object: set() begins a fault, clear() ends it."""

import os
import pathlib
import shlex
import subprocess


class AuditorFaults:
    def __init__(self, directory):
        """Builds the library to be preloaded in a directory of its own."""
        self.directory = pathlib.Path(directory)
        library = self.directory / 'faults.so'
        source = pathlib.Path(__file__).with_name('auditor_faults.c')
        subprocess.run([*shlex.split(os.environ.get('CAAUDIT_CC', 'cc')), '-shared', '-fPIC', '-O1', '-o', library,
                        source, '-ldl', '-pthread'], check=True)
        self.environment = {'LD_PRELOAD': str(library), 'AUDITOR_FAULTS': str(self.directory)}

    def set(self, fault, value=''):
        fresh = self.directory / 'fresh'
        fresh.write_text(str(value))
        fresh.replace(self.directory / fault)

    def clear(self, fault):
        (self.directory / fault).unlink(missing_ok=True)

    def reached(self):
        """Zones, by their first two labels, for which an allocation failed since the last time."""
        path = self.directory / 'reached'
        zones = set(path.read_text().split()) if path.exists() else set()
        self.clear('reached')
        return zones
