"""How deeply a TOML text nests, seen before anything reads it that would go as deep.

Readers of TOML take a function call, or a copy of all names above, for each level: a text of a few
kilobytes could end them. Scenarios need some six levels.
"""

from __future__ import annotations

import re

#: Most levels of lists and inline tables, and of parts of a key.
MOST_LEVELS = 32

# Strings and comments as a whole, closed or not; then what opens, closes, and parts keys.
_TOKEN = re.compile(
    r"""
    "{3} (?: \\. | [^\\] )*? (?: "{3} | \Z )
    | '{3} .*? (?: '{3} | \Z )
    | " (?: \\. | [^"\\\n] )* "?
    | ' [^'\n]* '?
    | \# [^\n]*
    | [\[\]{}.,\n]
    """,
    re.S | re.X,
)


def too_deep(text: str) -> int | None:
    """Return where a text first nests more than ``MOST_LEVELS`` deep, in characters from its
    beginning; None if nowhere. The text need not be TOML."""
    levels, dots = [0], 0  # the dots of the key that stands at each level, and those of all
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "[{":
            levels.append(0)
        elif token in "]}" and len(levels) > 1:
            dots -= levels.pop()
        elif token == ".":
            levels[-1] += 1
            dots += 1
        elif token == "," or (token == "\n" and len(levels) == 1):
            dots -= levels[-1]
            levels[-1] = 0
        if len(levels) + dots > MOST_LEVELS:
            return match.start()
    return None
