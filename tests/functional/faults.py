# SPDX-License-Identifier: GPL-2.0-or-later

"""What auditor_faults.c does to a server, as an object: set() begins a fault, clear() ends it."""

import os
import pathlib
import shlex
import socket
import subprocess
import threading
import unittest

import watch


def touch(server, zones):
    """The auditor looks at zones whose files have changed, within 'change-check'."""
    for zone in zones:
        os.utime(server.file(zone))


class Relay:
    """Stands between the auditor and the server. What the server sends goes through answer(), which takes
    the octets of the whole answer and the question, and yields what is to be sent; it may wait on the event end."""

    def __init__(self, listener, connect):
        self.listener = listener
        self.connect = connect
        self.answer = lambda octets, question: [octets]
        self.end = threading.Event()
        listener.listen(8)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client):
        server = self.connect()
        with client, server:
            server.settimeout(0.5)  # Neither side closes before the other.
            question = client.recv(65536)
            server.sendall(question)
            octets = b''
            try:
                while True:
                    part = server.recv(65536)
                    if not part:
                        break
                    octets += part
            except TimeoutError:
                pass
            try:
                for part in self.answer(octets, question):
                    client.sendall(part)
            except OSError:
                pass  # The auditor has heard enough.

    def close(self):
        self.end.set()
        self.listener.close()



class AuditorFaults:
    def __init__(self, directory):
        """Builds the library to be preloaded in a directory of its own."""
        if watch.KIND:
            raise unittest.SkipTest('something else is preloaded')
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
