# SPDX-License-Identifier: GPL-2.0-or-later

"""Makes a picture of a terminal with the command at work: an SVG on standard output.

usage: picture.py CAAUDIT

CAAUDIT is the command. The zone is made for the picture, in a directory that is removed
afterwards; the terminal has 80 columns. docs/picture.svg is its output, and tests/cli compares
the two.
"""

import fcntl
import html
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

COLUMNS = 80
SOA = '$TTL 3600\n@ SOA ns.example.net. hostmaster.example.net. 2026112801 3600 600 86400 300\n@ NS ns.example.net.\n'
ZONE = SOA + '@ A 192.0.2.1\nwww A 192.0.2.1\n@ CAA 0 issue "letsencrypt.org"\n'
COMMANDS = ('caaudit check --host www example.com.zone',
            'caaudit check --host www --fix zonefile example.com.zone >>example.com.zone',
            'caaudit check --host www example.com.zone')
# Colours of ECMA-48 (SGR) that the command uses, on a dark ground.
COLOURS = {'31': '#ff7b72', '32': '#7ee787', '33': '#e3b341', '36': '#79c0ff', '1': '#ffffff'}
WIDTH, HEIGHT, MARGIN = 8, 18, 14


def terminal(line, directory, bin):
    """What a line for the shell prints on a terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 60, COLUMNS, 0, 0))
    settings = {name: value for name, value in os.environ.items() if name not in ('COLUMNS', 'NO_COLOR')}
    process = subprocess.Popen(['sh', '-c', line], cwd=directory, stdin=slave, stdout=slave, stderr=slave,
                               env={**settings, 'TERM': 'xterm', 'PATH': f'{bin}:{os.environ["PATH"]}'})
    os.close(slave)
    said = b''
    try:
        while block := os.read(master, 65536):
            said += block
    except OSError:  # Nobody has the terminal open any more.
        pass
    os.close(master)
    if process.wait() not in (0, 1):
        sys.exit(f'{line}: exit code {process.returncode}')
    return said.decode().replace('\r\n', '\n')


def rows(text):
    """Lines as the terminal shows them, each a list of (text, colour)."""
    colour = None
    for line in text.splitlines():
        row, column = [], 0
        for code, part in re.findall(r'\033\[(\d+)m|([^\033]+)', line):
            if code:
                colour = COLOURS.get(code)
            while part:
                row.append((part[:COLUMNS - column], colour))
                column += len(row[-1][0])
                part = part[len(row[-1][0]):]
                if part:
                    yield row
                    row, column = [], 0
        yield row


def svg(lines):
    """The picture of such lines."""
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * WIDTH + 2 * MARGIN}" '
           f'height="{len(lines) * HEIGHT + 2 * MARGIN}" font-family="monospace" font-size="13">',
           '<rect width="100%" height="100%" rx="6" fill="#0d1117"/>']
    for number, line in enumerate(lines):
        column = 0
        for text, colour in line:
            if text.strip():
                out.append(f'<text x="{MARGIN + column * WIDTH}" y="{MARGIN + number * HEIGHT + 13}" '
                           f'fill="{colour or "#c9d1d9"}" textLength="{len(text) * WIDTH}" xml:space="preserve">'
                           f'{html.escape(text, quote=False)}</text>')
            column += len(text)
    return '\n'.join([*out, '</svg>', ''])


def main(command):
    lines = []
    bin = pathlib.Path(command).resolve().parent
    with tempfile.TemporaryDirectory(prefix='caaudit-picture-') as name:
        (pathlib.Path(name) / 'example.com.zone').write_text(ZONE)
        for line in COMMANDS:
            lines += [[]] if lines else []
            lines += rows(f'\033[1m$ {line}\033[0m')
            lines += rows(terminal(line, name, bin))
    sys.stdout.write(svg(lines))


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
