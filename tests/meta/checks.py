# SPDX-License-Identifier: GPL-2.0-or-later

"""Rules that the tree keeps. Each function returns its complaints, one a string.

The tests call every one twice: on the tree, which must be clean, and on
something broken on purpose, which must be caught.
"""

import concurrent.futures
import dataclasses
import itertools
import json
import os
import pathlib
import re
import subprocess

# What the engine may ask of the C library: memory, strings, sorting. No file,
# no clock, no thread, no output, and nothing that depends on a locale.
ENGINE_LIBC = set('''
    bcmp memchr memcmp memcpy memmem memmove memrchr memset mempcpy
    strcasecmp strchr strchrnul strcmp strcpy strcspn strdup strlen strncasecmp strncmp strndup
    strnlen strpbrk strrchr strspn strstr stpcpy strtoul strtoull strtol strtoll
    malloc calloc realloc reallocarray free
    mmap mmap64 mremap munmap madvise
    snprintf vsnprintf qsort qsort_r bsearch
    abort __assert_fail __stack_chk_fail __errno_location
'''.split())
ENGINE_LIBKNOT = ('knot_dname_', 'knot_naptr_', 'knot_rdata_', 'knot_rrtype_', 'knot_strerror')
# Hashes and verifies octets that it is given; key stores and random numbers are I/O.
ENGINE_LIBDNSSEC = ('dnssec_binary_', 'dnssec_key_', 'dnssec_keytag', 'dnssec_nsec_bitmap_', 'dnssec_nsec3_',
                    'dnssec_sign_', 'dnssec_algorithm_', 'dnssec_digest')
# What compilers add: position independence, fortification, instrumentation.
ENGINE_COMPILER = ('_GLOBAL_OFFSET_TABLE_', '__asan_', '__ubsan_', '__tsan_', '__sanitizer_', '__gcov_',
                   '__llvm_', '__sancov_')

ENGINE_HEADERS = {'knot/module.h', 'time.h', 'sys/time.h', 'pthread.h', 'threads.h', 'unistd.h', 'fcntl.h',
                  'sys/socket.h', 'sys/stat.h', 'urcu.h', 'signal.h', 'locale.h'}
# stdio.h is there for snprintf() alone.
ENGINE_CALLS = re.compile(r'\b(f?printf|vf?printf|puts|fputs|putchar|fputc|putc|fwrite|perror|fopen|fdopen|'
                          r'freopen|fclose|fflush|fread|fgets|getline|popen|system|getenv)\s*\(')

SOURCE_DIRECTORIES = ('include', 'module', 'tests', 'config-examples', '.ci')


def run(*command):
    """Runs a command that has to succeed, and returns its output."""
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True).stdout


def strip_comments(text):
    """Removes C comments and empties string literals."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
    return re.sub(pattern, lambda match: '""' if match.group().startswith('"') else ' ', text,
                  flags=re.DOTALL)


def files(root, *suffixes):
    """The project's own files below the root, without build directories."""
    root = pathlib.Path(root)
    for directory, names, leaves in os.walk(root):
        here = pathlib.Path(directory)
        names[:] = sorted(name for name in names if name not in ('.git', '__pycache__')
                          and not (here == root and name.startswith('build')))
        for leaf in sorted(leaves):
            # .git is a file where "git worktree" made the tree.
            if leaf != '.git' and (not suffixes or leaf.endswith(suffixes)):
                yield here / leaf


def text_of(path):
    """Contents of a text file, None if it is binary."""
    data = path.read_bytes()
    return None if b'\0' in data else data.decode('utf-8', 'replace')


def includes(text):
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', text, re.MULTILINE)


# --- the engine is pure

def engine_symbols(library, nm='nm'):
    """Complains about symbols that the engine wants and must not have."""
    undefined = set()
    defined = set()
    lines = [line.split() for line in run(nm, '--format=posix', library).splitlines()]
    symbols = [line for line in lines if len(line) >= 2 and len(line[1]) == 1]
    if not symbols:
        return [f'{library}: no symbols at all']
    for name, kind, *_ in symbols:
        (undefined if kind in 'Uwv' else defined).add(name)

    def allowed(name):
        plain = re.sub(r'^__isoc\d+_', '', name)
        plain = re.sub(r'^__(\w+)_chk$', r'\1', plain)
        return name in ENGINE_LIBC or plain in ENGINE_LIBC or \
            name.startswith(ENGINE_LIBKNOT + ENGINE_LIBDNSSEC + ENGINE_COMPILER)

    return [f'{library}: wants {name}' for name in sorted(undefined - defined) if not allowed(name)]


def engine_sources(directory):
    """Complains about includes and calls that have no place in the engine."""
    problems = []
    sources = list(files(directory, '.c', '.h'))
    if not sources:
        problems.append(f'{directory}: no source files')
    for path in sources:
        text = text_of(path)
        for header in includes(text):
            if header in ENGINE_HEADERS:
                problems.append(f'{path}: includes {header}')
        for call in ENGINE_CALLS.findall(strip_comments(text)):
            problems.append(f'{path}: calls {call}()')
    return problems


# --- the module is a good guest

def module_exports(module, nm='nm'):
    """Complains unless the module exports its API structure and nothing else."""
    exported = {line.split()[0] for line in
                run(nm, '-D', '--defined-only', '--format=posix', module).splitlines()}
    problems = [f'{module}: exports {name}' for name in sorted(exported - {'knotd_mod_api'})]
    if 'knotd_mod_api' not in exported:
        problems.append(f'{module}: knotd_mod_api is not exported')
    return problems


def module_dynamic(module, readelf='readelf'):
    """Complains about the dynamic section: search path, unloading, host library."""
    dynamic = run(readelf, '-dW', module)
    problems = []
    for tag in ('RPATH', 'RUNPATH'):
        if f'({tag})' in dynamic:
            problems.append(f'{module}: has {tag}')
    if not re.search(r'\(FLAGS_1\).*\bNODELETE\b', dynamic):
        problems.append(f'{module}: is not marked nodelete, and it has threads')
    if not re.search(r'\(NEEDED\).*\[libknot\.so\.\d+\]', dynamic):
        problems.append(f'{module}: does not need libknot by its version')
    return problems


# --- links between documents

def links(root):
    """Complains about links of Markdown files to files, or headings of Markdown files, that are not there."""
    problems = []
    for path in files(root, '.md'):
        text = re.sub(r'^```.*?^```$', '', text_of(path), flags=re.M | re.S)
        for target in re.findall(r'\]\(([^)\s]+)\)', text):
            name, _, heading = target.partition('#')
            if re.match(r'[a-z]+:', name):
                continue
            there = path.parent / name if name else path
            if not there.exists():
                problems.append(f'{path}: no {name}')
            elif heading and heading not in headings(there):
                problems.append(f'{path}: no #{heading} in {there.name}')
    return problems


def headings(path):
    """Anchors that GitHub and GitLab make of the headings of a Markdown file."""
    return {re.sub(r'[^\w -]', '', line).strip().lower().replace(' ', '-')
            for line in re.findall(r'^#+ (.*)$', text_of(path), flags=re.M)}


# --- the files of a directory

def rooms(directory):
    """Sources of a directory by their names without suffix: x.c and x.h are one room."""
    found = {}
    for path in sorted(pathlib.Path(directory).glob('*.[ch]')):
        found.setdefault(path.stem, []).append(path)
    return found


def rooms_included(directory):
    """Arrows between the rooms of a directory, by the headers that they include: {(from, to): why}."""
    directory = pathlib.Path(directory)
    arrows = {}
    for room, paths in rooms(directory).items():
        for path in paths:
            for header in re.findall(r'^\s*#\s*include\s*"([^"]+)"', text_of(path), re.MULTILINE):
                header = pathlib.PurePath(header)
                near = str(header.parent) in ('.', directory.name)
                if near and (directory / header.name).is_file() and header.stem != room:
                    arrows.setdefault((room, header.stem), f'{path.name} includes {header}')
    return arrows


def rooms_called(directory, archive, nm='nm'):
    """Arrows between the rooms of a directory, by the symbols of their objects: {(from, to): why}."""
    names = sorted(rooms(directory), key=len, reverse=True)
    wanted = {}
    defined = {}
    room = None
    for line in run(nm, '--format=posix', archive).splitlines():
        member = re.fullmatch(r'.*\[(.+)\.c\.o\]:', line)
        if member:
            room = next((name for name in names if re.fullmatch(rf'(?:.*[_/])?{re.escape(name)}', member[1])), None)
            continue
        parts = line.split()
        if room is None or len(parts) < 2:
            continue
        if parts[1] in 'Uwv':
            wanted.setdefault(room, set()).add(parts[0])
        elif parts[1].isupper():
            defined[parts[0]] = room
    return {(room, defined[symbol]): f'{room} wants {symbol}' for room, symbols in wanted.items()
            for symbol in sorted(symbols) if defined.get(symbol, room) != room}


def _circle(arrows, start):
    """The shortest way from a room back to it, as a list of rooms; None if there is none."""
    ways = [[start]]
    seen = set()
    for way in ways:
        for begin, end in sorted(arrows):
            if begin == way[-1] and end == start:
                return way + [start]
            if begin == way[-1] and end not in seen:
                seen.add(end)
                ways.append(way + [end])
    return None


def circles(directory, archive=None, nm='nm'):
    """Complains about rooms of a directory that need each other in a circle, by their includes, and if there is
    an archive of their objects by their symbols."""
    if not rooms(directory):
        return [f'{directory}: no source files']
    arrows = rooms_included(directory)
    if archive is not None:
        called = rooms_called(directory, archive, nm)
        if not called:
            return [f'{archive}: no symbols between the rooms of {directory}']
        arrows = called | arrows
    problems = {}
    for room in rooms(directory):
        circle = _circle(arrows, room)
        if circle:
            reasons = '; '.join(arrows[pair] for pair in zip(circle, circle[1:]))
            problems.setdefault(frozenset(circle), f'{directory}: circle {" -> ".join(circle)} ({reasons})')
    return list(problems.values())


def floors(page, directory, archive=None):
    """Complains unless the list of rooms on a page has all rooms of a directory, each above those that it uses. The
    list is the first indented block; a line has one room and what it is for, or several rooms."""
    known = rooms(directory)
    block = re.search(r'\n\n((?:    [^\n]*\n)+)', text_of(pathlib.Path(page)))
    floor = {}
    for number, line in enumerate(block[1].splitlines() if block else []):
        words = line.split()
        names = words if all(word in known for word in words) else \
            list(itertools.takewhile(lambda word: word in known, words)) or words[:1]
        for name in names:
            floor[name] = number
    problems = [f'{page}: no room {room}' for room in sorted(known.keys() - floor)]
    problems += [f'{page}: {room} is no room' for room in sorted(floor.keys() - known)]
    arrows = rooms_included(directory) | (rooms_called(directory, archive) if archive else {})
    return problems + [f'{page}: {begin} is not above {end}: {why}' for (begin, end), why in sorted(arrows.items())
                       if begin in floor and end in floor and floor[begin] >= floor[end]]


def enum_rows(page, header, prefix, form=str):
    """Complains unless a table of a page has a row for each constant of an enum, in their order."""
    constants = re.findall(rf'^\t{prefix}(\w+)\b', text_of(pathlib.Path(header)), re.MULTILINE)
    rows = re.findall(r'^\| ([\w, ]+?) \|', text_of(pathlib.Path(page)), re.MULTILINE)
    listed = [name for row in rows for name in row.split(', ')]
    places = [listed.index(form(name)) if form(name) in listed else None for name in constants]
    problems = [f'{page}: no row for {form(name)}' for name, place in zip(constants, places) if place is None]
    if not problems and places != sorted(places):
        problems = [f'{page}: the rows of {prefix}* are in another order than in {header}']
    return problems if constants else [f'{header}: no {prefix}*']


def first_sentences(directory):
    """Complains about files of a directory that do not open with a sentence that says what they are for."""
    paths = [path for found in rooms(directory).values() for path in found]
    return [f'{path}: opens with no sentence' for path in paths
            if not re.match(r'/\* SPDX[^\n]*\n\n/\*!\s*(?:\*\s*)*\\file\s*(?:\*\s*)*\\brief [A-Z][^\n]*'
                            r'(?:\n \* +[^\n]*)*?[.:?]\s', text_of(path))] \
        if paths else [f'{directory}: no source files']


# --- the tree

MACHINE_PATH = re.compile(r'(?<![\w}.:/-])/(?:home|root|work|Users|mnt)/[\w.]+')
REGISTRY = re.compile(r'(?:deb|security|archive|ports)[.](?:debian|ubuntu)[.](?:org|com)|pypi[.]org|'
                      r'registry[.]npmjs|crates[.]io|proxy[.]golang', re.IGNORECASE)


def machine_paths(root):
    """Complains about paths of one machine and addresses of package registries."""
    problems = []
    for path in files(root):
        for number, line in enumerate((text_of(path) or '').splitlines(), 1):
            for match in list(MACHINE_PATH.finditer(line)) + list(REGISTRY.finditer(line)):
                problems.append(f'{path}:{number}: {match.group()}')
    return problems


def module_header(root):
    """Complains about knot/module.h outside of module/knotd."""
    root = pathlib.Path(root)
    return [f'{path}: includes knot/module.h' for path in files(root, '.c', '.h')
            if 'knot/module.h' in includes(text_of(path))
            and root / 'module' / 'knotd' not in path.parents]


def licences(root):
    """Complains about sources without a licence line at their beginning."""
    root = pathlib.Path(root)
    return [f'{path}: no SPDX line' for path in files(root, '.c', '.h', '.def', '.py', '.sh', 'meson.build')
            if 'SPDX-License-Identifier: GPL-2.0-or-later'
            not in '\n'.join((text_of(path) or '').splitlines()[:3])]


def shell_scripts(root):
    """Complains about shell scripts that go on after an error or an unset variable."""
    problems = []
    found = False
    for path in files(root):
        text = text_of(path) or ''
        first = text.split('\n', 1)[0]
        if not path.name.endswith('.sh') and not re.match(r'#!.*\b(sh|bash|dash)\b', first):
            continue
        found = True
        if not re.match(r'#!/bin/(sh|bash)$', first):
            problems.append(f'{path}: first line is {first!r}')
        if not re.search(r'^set -eu', text, re.MULTILINE):
            problems.append(f'{path}: no "set -eu"')
        if not os.access(path, os.X_OK):
            problems.append(f'{path}: not executable')
    return problems if found else [f'{root}: no shell scripts']


def newest_knot(root):
    """Complains unless SECURITY.md and tests/versions.sh name the same newest version of Knot."""
    root = pathlib.Path(root)
    promised = re.findall(r'\| 3\.\d+ to (3\.\d+)', (root / 'SECURITY.md').read_text())
    tested = re.findall(r'^newest=(\S+)$', (root / 'tests' / 'versions.sh').read_text(), re.MULTILINE)
    if len(promised) == 1 and promised == tested:
        return []
    return [f'newest Knot: SECURITY.md says {promised}, tests/versions.sh {tested}']


def headers_alone(include, compiler, language, *flags):
    """Complains about headers that do not compile alone, or not twice."""
    include = pathlib.Path(include)
    problems = []
    headers = sorted(include.glob('**/*.h'))
    if not headers:
        problems.append(f'{include}: no headers')
    for path in headers:
        line = f'#include "{path.relative_to(include)}"\n'
        result = subprocess.run([*compiler, '-x', language, '-fsyntax-only', '-Wall', '-Wextra', '-Werror',
                                 f'-I{include}', *flags, '-'],
                                input=line + line, capture_output=True, text=True)
        if result.returncode != 0:
            problems.append(f'{path}: not {language}: {result.stderr.strip()}')
    return problems


# --- what other programs look for

CPPCHECK_SUPPRESSIONS = pathlib.Path(__file__).resolve().parents[1] / 'cppcheck.supp'


def formatted(root, tool):
    """Complains about C files that clang-format would change; its settings are in .clang-format."""
    sources = list(files(root, '.c', '.h'))
    if not sources:
        return [f'{root}: no sources']
    result = subprocess.run([tool, '--dry-run', '--ferror-limit=1', '--style=file', *sources],
                            capture_output=True, text=True)
    problems = re.findall(r'^(.+?:\d+):\d+: warning: .*\[-Wclang-format-violations\]$', result.stderr, re.MULTILINE)
    if result.returncode != 0 or (result.stderr.strip() and not problems):
        problems.append(f'{tool}: {result.stderr.strip()}')
    return problems


def compile_commands(build):
    """The commands that compile a build, one for each source, as {path: entry}."""
    database = json.loads((build / 'compile_commands.json').read_text())
    commands = {}
    for entry in database:
        commands.setdefault((pathlib.Path(entry['directory']) / entry['file']).resolve(), entry)
    return commands


def analysed(build, directory, tool):
    """Complains about what clang-tidy or cppcheck, in the full path of the tool, find in the
    sources of a build. The directory takes the list of commands; clang-tidy reads .clang-tidy
    above each source, and cppcheck tests/cppcheck.supp of this tree."""
    build = pathlib.Path(build)
    commands = compile_commands(build)
    if not commands:
        return [f'{build}: compiles nothing']
    database = pathlib.Path(directory) / 'compile_commands.json'
    database.write_text(json.dumps(list(commands.values())))
    if 'cppcheck' in pathlib.Path(tool).name:
        result = subprocess.run([tool, f'--project={database}', f'-j{os.cpu_count()}', '--quiet', '--inline-suppr',
                                 '--enable=warning,performance,portability', '--std=c11', '--library=posix',
                                 '--library=gnu', '--error-exitcode=1', '--template={file}:{line}: {message} [{id}]',
                                 f'--suppressions-list={CPPCHECK_SUPPRESSIONS}'], capture_output=True, text=True)
        results = [('cppcheck', result, result.stderr.splitlines())]
    else:
        def tidy(path):
            result = subprocess.run([tool, '-p', directory, '--quiet', path], capture_output=True, text=True)
            lines = [str((build / match[1]).resolve()) + match[2] for match in
                     re.finditer(r'^(.+?)(:\d+:\d+: (?:warning|error): .*)$', result.stdout, re.MULTILINE)]
            # Settings that it does not understand are no reason for an exit code.
            return path, result, lines + re.findall(r'^.*error.*$', result.stderr, re.MULTILINE | re.IGNORECASE)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(tidy, commands))
    problems = set()  # A header shows in many sources.
    for name, result, lines in results:
        problems.update(lines)
        if result.returncode != 0 and not lines:
            problems.add(f'{name}: exit code {result.returncode}: {result.stderr.strip()[-500:]}')
    return sorted(problems)


# --- the catalogue of findings

@dataclasses.dataclass
class Finding:
    symbol: str
    id: str
    severity: str
    citation: str
    summary: str
    why: str
    cure: str


STRING = r'"(?:\\.|[^"\\])*"'
ARGUMENT = rf'\s*(\w+|(?:{STRING}\s*)+)\s*'
ENTRY = re.compile(r'CAAUDIT_FINDING\(' + ','.join([ARGUMENT] * 7) + r'\)')
# Area, subject and defect; a few ids have no subject.
ID = re.compile(r'(?:caa|dcv|dnssec|probe|server)-[a-z0-9]+-[a-z0-9]+(?:-[a-z0-9]+)*|synth-[a-z0-9]+|caa-locked|host-missing')


def catalogue(path):
    """Reads findings.def: its findings, and complaints about its syntax."""
    text = re.sub(r'/\*.*?\*/', ' ', pathlib.Path(path).read_text(), flags=re.DOTALL)

    def value(argument):
        if not argument.startswith('"'):
            return argument
        return ''.join(literal[1:-1] for literal in re.findall(STRING, argument))

    entries = [Finding(*(value(group) for group in match.groups())) for match in ENTRY.finditer(text)]
    rest = ENTRY.sub('', text).strip()
    problems = [f'{path}: not understood: {rest[:60]!r}'] if rest else []
    return entries, problems if entries else problems + [f'{path}: no findings']


def catalogue_lines(path):
    """Complains about ids, severities and texts of the catalogue."""
    entries, problems = catalogue(path)
    seen = set()
    for entry in entries:
        if not ID.fullmatch(entry.id):
            problems.append(f'{entry.id}: not of the form area-subject-defect')
        if len(entry.id) > 63:
            problems.append(f'{entry.id}: longer than 63 characters')
        if entry.id in seen:
            problems.append(f'{entry.id}: not unique')
        seen.add(entry.id)
        if entry.symbol != entry.id.upper().replace('-', '_'):
            problems.append(f'{entry.id}: its symbol is {entry.symbol}')
        if entry.severity not in ('ERROR', 'WARNING', 'NOTICE'):
            problems.append(f'{entry.id}: severity {entry.severity}')
        for name in ('citation', 'summary', 'why', 'cure'):
            text = getattr(entry, name)
            if not text.strip():
                problems.append(f'{entry.id}: no {name}')
            elif not text.isascii() or '\\' in text.replace('\\"', '').replace('\\\\', ''):
                problems.append(f'{entry.id}: {name} is not plain text')
    return problems


# Findings that no zone file can show, and where they are tested instead.
NOT_IN_ZONES = {
    'caa-wanted-lookalike': 'the command refuses such a name: tests/cli/test_config.py',
    'dcv-lookup-absent': 'about what was asked: tests/functional/test_lookups.py',
    'dcv-lookup-unanswered': 'about what was asked: tests/functional/test_lookups.py',
    **{f'probe-{what}': 'about what servers answer: tests/probe' for what in (
        'answer-bogus', 'answers-differ', 'delegation-differs', 'ds-mismatch', 'edns-broken', 'glue-wrong',
        'negative-without-soa', 'serial-behind', 'server-lame', 'server-silent', 'tcp-refused', 'type-dropped',
        'udp-limited')},
    **{f'server-{what}': 'about the configuration of the server: tests/unit/test_server.c, tests/functional/test_refused.py'
       for what in ('query-refused', 'answers-limited', 'answers-vary')},
    'synth-unsafe': 'about what the server answers: tests/functional/test_synthesis.py',
}


def catalogue_zones(path, zones):
    """Complains about findings without a golden zone or without a near miss."""
    zones = pathlib.Path(zones)
    problems = []
    for entry in catalogue(path)[0]:
        if entry.id in NOT_IN_ZONES:
            continue
        for name in (f'{entry.id}.zone', f'{entry.id}.expect', f'{entry.id}.clean.zone',
                     f'{entry.id}.clean.expect'):
            if not (zones / name).is_file():
                problems.append(f'{entry.id}: no {name}')
    return problems


def catalogue_documents(path, *documents):
    """Complains about findings without a row in a document, and rows without a finding."""
    entries = {entry.id for entry in catalogue(path)[0]}
    problems = []
    for document in map(pathlib.Path, documents):
        # A row of a Markdown table, of an RST grid, or an item of an RST list table.
        rows = set()
        for line in document.read_text().splitlines():
            if re.match(r'\s*(\||\*\s+-\s|-\s)', line):
                rows.update(re.findall(rf'(?<![\w.\[-])(?:{ID.pattern})(?![\w.-])', line))
        problems += [f'{document.name}: no row for {id}' for id in sorted(entries - rows)]
    return problems
