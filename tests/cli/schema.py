# SPDX-License-Identifier: GPL-2.0-or-later

"""A checker for the part of JSON Schema that the command's schema uses.

A keyword that it does not know is an error, never ignored: a check that does
not look must not pass.
"""

import re

ANNOTATIONS = {'$schema', '$defs', 'title', 'description'}
TYPES = {
    'object': lambda value: isinstance(value, dict),
    'array': lambda value: isinstance(value, list),
    'string': lambda value: isinstance(value, str),
    'integer': lambda value: isinstance(value, int) and not isinstance(value, bool),
    'boolean': lambda value: isinstance(value, bool),
    'null': lambda value: value is None,
}


def same(a, b):
    """Equal, and of one type: True is not 1."""
    return type(a) is type(b) and a == b


def check(value, schema, root=None, where='$'):
    """Returns complaints about a value, one a string."""
    root = root if root is not None else schema
    problems = []
    for keyword, rule in schema.items():
        if keyword in ANNOTATIONS:
            continue
        if keyword == '$ref':
            target = root
            if not rule.startswith('#/'):
                raise ValueError(f'{where}: reference {rule}')
            for step in rule[2:].split('/'):
                target = target[step]
            problems += check(value, target, root, where)
        elif keyword == 'type':
            names = rule if isinstance(rule, list) else [rule]
            if not any(TYPES[name](value) for name in names):
                problems.append(f'{where}: {value!r} is not of type {rule}')
        elif keyword == 'const':
            if not same(value, rule):
                problems.append(f'{where}: {value!r} is not {rule!r}')
        elif keyword == 'enum':
            if not any(same(value, allowed) for allowed in rule):
                problems.append(f'{where}: {value!r} is none of {rule}')
        elif keyword == 'required':
            problems += [f'{where}: no {name}' for name in rule
                         if isinstance(value, dict) and name not in value]
        elif keyword == 'properties':
            for name, inner in rule.items():
                if isinstance(value, dict) and name in value:
                    problems += check(value[name], inner, root, f'{where}.{name}')
        elif keyword == 'items':
            if isinstance(value, list):
                for i, item in enumerate(value):
                    problems += check(item, rule, root, f'{where}[{i}]')
        elif keyword == 'pattern':
            if isinstance(value, str) and not re.search(rule, value):
                problems.append(f'{where}: {value!r} does not match {rule}')
        elif keyword == 'maxLength':
            if isinstance(value, str) and len(value) > rule:
                problems.append(f'{where}: longer than {rule}')
        elif keyword in ('minimum', 'maximum'):
            if TYPES['integer'](value) and (value < rule if keyword == 'minimum' else value > rule):
                problems.append(f'{where}: {value} is beyond the {keyword} {rule}')
        else:
            raise ValueError(f'{where}: keyword {keyword} is not known')
    return problems
