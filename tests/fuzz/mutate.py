"""Mutations of scenario files: of their values, of their structure, of their text and bytes.

Every mutation takes a ``random.Random`` and returns what it makes; nothing else is random.
"""

from __future__ import annotations

import pickle
import re
import tomllib
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any

import tomli_w

Document = dict[str, Any]
Slot = tuple[Any, Any]  # a table or a list, and a key or an index of it

NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 7, 10**3, 10**6, 10**9, 10**12, 10**12 + 1, 2**63, -(2**63), 10**25, 10**400,
    0.0, -0.0, 0.5, 1.5, -3.25, 1e-300, 5e-324, 1e-9, 1e9, 1e18, 1e308, float("inf"), -float("inf"),
    float("nan"), True, False,
)  # fmt: skip
TIMES: tuple[Any, ...] = (
    datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2023, 1, 8, 6),  # noqa: DTZ001
    date(2023, 1, 8), date(1, 1, 1), date(9999, 12, 31), time(8, 30),
    "2023-01-08T00:00:00+08:00", "2023-01-08", "2023-02-30T00:00:00Z", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59", "2023-01-08T00:00:00+25:00", "24:00", "08:00-07:00", "25:00-26:00",
    "00:00-00:00", "08:00", "08:00-08:00", "22:00-06:00", "closed", "08:00:30.5-09:00",
)  # fmt: skip
QUANTITIES = (
    "0 h", "-1 h", "1e400 h", "1e308 weeks", "1e-320 s", "nan h", "inf h", "1 s", "1e-9 s", "3 min",
    "4 h", "2 d", "1_000_000 d", "__1 h", "1__0 h", "1_ h", ".5 h", "5. h", "h", " 4 h ", "4h",
    "4 km", "0 km", "1e300 km", "30 km/h", "0 km/h", "1e-300 km/h", "1e300 km/h", "12 m3",
    "1e-30 m3", "1e30 m3", "0 kg", "3 t", "40_000/day", "0/day", "1e12/day", "1e11/s", "1e-300/h",
    "-5/h", "5 %", "100 %", "-1 %", "1e400 %", "٣ h", "４ h", "4 ｈ", "4\u00a0h", "4 h\n",
)  # fmt: skip
TEXTS = (
    "", " ", "\n", "\t", "\0", "\x1b[31m", "\x7f", "a" * 5000, "ß", "İ", "ﬁ", "\u202e", "\ufeff",
    "\ud7ff", "\U0010ffff", "北京市", "🚚", "a.b", "a b", '"', "'", "\\", "#", "[x]", "{0}", "%s",
    "{expected}", "../secret", "/etc/passwd", "/dev/zero", "C:\\x", "\\\\host\\x", "~", ".", "..",
    "tables", "tables/../listed.toml", "tables/sites.csv\0", "x" * 300 + ".csv", "listed.toml",
    "fuzzed.toml", "still.toml", "tables/net.graphml", "__class__", "none", "null", "all",
    "unlimited", "rest", "every day", "working days", "CN", "ZZ", "cn", "china", "110000", "China",
    "Haikou", "value", "nan",
)  # fmt: skip
LAWS = (
    "constant", "deterministic", "lognormal", "gamma", "exponential", "hyperexponential", "uniform",
    "triangular", "empirical", "geometric", "poisson", "normal", "erlang", "weibull",
)  # fmt: skip
CVS = (0, -1, 1e-300, 1e-9, 0.01, 0.5, 1, 1.0000001, 2, 30, 999, 1000, 1e9, float("inf"), 10**30)


def value(random: Random) -> Any:
    """Return a value that hardly belongs where it will stand."""
    kind = random.random()
    if kind < 0.28:
        return random.choice(NUMBERS)
    if kind < 0.40:
        return random.choice(TIMES)
    if kind < 0.62:
        return random.choice(QUANTITIES)
    if kind < 0.80:
        return random.choice(TEXTS)
    if kind < 0.90:
        return law(random)
    if kind < 0.95:
        return [value(random) for _ in range(random.choice((0, 1, 2, 3, 40)))]
    return {random.choice(("value", "mean", "rule", "x", "a b", "")): value(random)}


def law(random: Random) -> Document:
    """Return a law, of a kind that exists or not, with parameters that fit or do not."""
    table: Document = {"mean": random.choice((*QUANTITIES[:14], *NUMBERS))}
    for key, choices in (
        ("cv", CVS), ("law", LAWS), ("low", QUANTITIES), ("high", QUANTITIES), ("mode", QUANTITIES),
        ("status", ("assumed", "guessed")), ("range", (["1 h", "2 h"], ["2 h", "1 h"], [1], 3)),
        ("values", (["1 h", "3 h"], [], ["1 h"] * 50, [1, "x"])), ("weights", ([1, 3], [0, 0], [])),
    ):  # fmt: skip
        if random.random() < 0.3:
            table[key] = random.choice(choices)  # type: ignore[arg-type]
    if random.random() < 0.2:
        del table["mean"]
    return table


def _slots(document: Document) -> list[Slot]:
    """Return every place of a document that holds something."""
    found: list[Slot] = []
    waiting: list[Any] = [document]
    while waiting:
        inner = waiting.pop()
        keys = list(inner) if isinstance(inner, dict) else range(len(inner))
        for key in keys:
            found.append((inner, key))
            if isinstance(inner[key], dict | list):
                waiting.append(inner[key])
    return found


def _leaf(random: Random, document: Document) -> None:
    leaves = [slot for slot in _slots(document) if not isinstance(slot[0][slot[1]], dict | list)]
    if leaves:
        table, key = random.choice(leaves)
        table[key] = value(random)


def _alike(random: Random, document: Document) -> None:
    """Put another value of the same kind: a file that is wrong only in its sense."""
    leaves = [slot for slot in _slots(document) if not isinstance(slot[0][slot[1]], dict | list)]
    if not leaves:
        return
    table, key = random.choice(leaves)
    old = table[key]
    if isinstance(old, bool):
        table[key] = not old
    elif isinstance(old, int | float):
        table[key] = random.choice((0, 1, -old, old * 1000, old + 1, old / 7, old * 10**9))
    elif isinstance(old, datetime):
        days = random.choice((-40000, -400, -1, 1, 3, 400, 40000))
        table[key] = old + timedelta(days=days)
    elif isinstance(old, str) and re.match(r"^[\d._]+ ?\D", old):
        unit = re.sub(r"^[\d._eE+-]*", "", old)
        factor = ("0", "1e-6", "1e-3", "0.1", "3", "100", "1e4", "1e9", "1e15")
        table[key] = f"{random.choice(factor)}{unit}"
    elif isinstance(old, str):
        same = [t[k] for t, k in leaves if isinstance(t[k], str)]
        table[key] = random.choice(same)


def _drop(random: Random, document: Document) -> None:
    slots = _slots(document)
    if slots:
        table, key = random.choice(slots)
        del table[key]


def _any(random: Random, document: Document) -> None:
    slots = _slots(document)
    if slots:
        table, key = random.choice(slots)
        table[key] = value(random)


def _rename(random: Random, document: Document) -> None:
    tables = [slot for slot in _slots(document) if isinstance(slot[0], dict)]
    if not tables:
        return
    table, key = random.choice(tables)
    names = [str(key) + "x", str(key).upper(), str(key)[:-1], *(str(k) for _, k in tables[:200])]
    name = random.choice([*names, random.choice(TEXTS)])
    items = [(name if old == key else old, item) for old, item in table.items()]
    table.clear()
    table.update(items)


def _move(random: Random, document: Document) -> None:
    slots = _slots(document)
    tables = [document, *(t[k] for t, k in slots if isinstance(t[k], dict))]
    if slots:
        table, key = random.choice(slots)
        item, target = deepcopy(table[key]), random.choice(tables)
        if random.random() < 0.5:
            del table[key]
        target[str(key)] = item


def _wrap(random: Random, document: Document) -> None:
    slots = _slots(document)
    if slots:
        table, key = random.choice(slots)
        old = table[key]
        wrapped = ([old], [old, old], {"value": old}, {"mean": old}, {str(key): old}, [[old]])
        table[key] = random.choice(wrapped)


def _unwrap(random: Random, document: Document) -> None:
    slots = [slot for slot in _slots(document) if isinstance(slot[0][slot[1]], dict | list)]
    if slots:
        table, key = random.choice(slots)
        inner = table[key]
        items = list(inner.values()) if isinstance(inner, dict) else inner
        if items:
            table[key] = deepcopy(random.choice(items))


def _reorder(random: Random, document: Document) -> None:
    tables = [document, *(t[k] for t, k in _slots(document) if isinstance(t[k], dict))]
    table = random.choice(tables)
    items = list(table.items())
    random.shuffle(items)
    table.clear()
    table.update(items)


def _graft(random: Random, document: Document) -> None:
    """Put what one key says under another one."""
    slots = _slots(document)
    if slots:
        (table, key), (other, name) = random.choice(slots), random.choice(slots)
        item = deepcopy(other[name])
        table[key] = item


IN_DOCUMENT: tuple[tuple[int, Callable[[Random, Document], None]], ...] = (
    (6, _alike), (5, _leaf), (2, _drop), (2, _any), (2, _rename), (2, _move), (2, _wrap),
    (1, _unwrap), (1, _reorder), (2, _graft),
)  # fmt: skip


@cache
def _read(text: str) -> bytes:
    """Return the document of a text, to be copied: that is faster than to read it again."""
    return pickle.dumps(tomllib.loads(text))


def of_document(random: Random, text: str) -> str:
    """Return the text of a document with one to three things changed in it."""
    document = pickle.loads(_read(text))
    weights, choices = zip(*IN_DOCUMENT, strict=True)
    for change in random.choices(choices, weights, k=random.choice((1, 1, 1, 1, 2, 3))):
        change(random, document)
    return tomli_w.dumps(document)


#: What may stand behind a key, beside what TOML writers write.
RAW = (
    "", "nan", "+inf", "-0", "1e400", "0x" + "f" * 400, "9" * 5000, "0b1" + "0" * 5000, "1__0",
    "1e", "1.e3", "2023-13-01", "2023-01-08T25:00:00Z", "0001-01-01T00:00:00+23:59",
    "2023-01-08 06:00:00", "2023-01-08T06:00:00.123456789Z", "08:00:00", "[" * 40 + "]" * 40,
    "[" * 2000 + "]" * 2000, "[" * 2000, "{a=" * 60 + "1" + "}" * 60, "{a=" * 2000, "{ }", "[ ]",
    "[[1, [2]], {a = [3]}]", "'''x", '"""\n\n"""', '"\\u0000"', '"\\ud800"', '"\\U00110000"',
    '"\\x41"', "'\t'", "true", "TRUE", "{ value = 3, value = 4 }", "{ a.b = 1, a.c = 2 }",
    "[" + "1," * 3000 + "]", "[1 2]", "{a = 1,}", "[1,,2]", "# nothing",
)  # fmt: skip
LINES = (
    "[x]", "[x.y]", "[[x]]", "[[x.y]]", "[]", "[.]", "[a.]", "=", "= 1", "a", "a.b.c = 1", "''= 1",
    '"" = 1', '"a.b" = 1', '[""]', "[sites]", "[[sites]]", "[sites.a]", "[[sites.a]]", "title = 1",
    "[include.x]", "[variants.x]", 'extends = "listed.toml"', 'extends = "fuzzed.toml"',
    'remove = ["title"]', "." .join("a" * 30) + " = 1", ".".join("a" * 3000) + " = 1",
    "[" + ".".join("a" * 3000) + "]", "\x00", "\x0b", "\x85", "\u2028", "\r", "a\rb = 1",
)  # fmt: skip


def of_lines(random: Random, text: str) -> str:
    """Return a text with one to three of its lines changed, without regard to what they say."""
    lines = text.split("\n")
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        at = random.randrange(len(lines))
        kind = random.randrange(8)
        if kind == 0:
            del lines[at]
            lines = lines or [""]
        elif kind == 1:
            lines.insert(random.randrange(len(lines)), lines[at])
        elif kind == 2:
            other = random.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 3:
            lines.insert(at, random.choice(LINES))
        elif kind == 4:
            begin, end = sorted((at, random.randrange(len(lines))))
            block = lines[begin:end]
            to = random.randrange(len(lines))
            lines[to:to] = block
        else:
            keyed = [n for n, line in enumerate(lines) if re.match(r"^[\w.-]+ *=", line)]
            if keyed:
                at = random.choice(keyed)
                lines[at] = lines[at].partition("=")[0] + "= " + random.choice(RAW)
    return "\n".join(lines)


def of_bytes(random: Random, data: bytes) -> bytes:
    """Return data that was damaged on the way."""
    changed = bytearray(data)
    kind = random.randrange(9)
    at = random.randrange(len(changed) + 1)
    if kind == 0:
        return data[:at]
    if kind == 1:
        for _ in range(random.choice((1, 1, 2, 8))):
            if changed:
                changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    elif kind == 2:
        changed[at:at] = random.choice((b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"))
    elif kind == 3:
        return random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) + data
    elif kind == 4:
        return data.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\r")))
    elif kind == 5:
        changed[at:at] = b"\0" * random.choice((1, 100))
    elif kind == 6:
        return random.choice((b"", b"\n", b" ", b"\0", b"\xef\xbb\xbf", b"#", random.randbytes(60)))
    elif kind == 7:
        begin, end = sorted((at, random.randrange(len(changed) + 1)))
        del changed[begin : min(end, begin + random.choice((1, 4, 60)))]
    else:
        codec = random.choice(("utf-16", "utf-32", "gb18030", "latin-1", "utf-7"))
        return data.decode("utf-8").encode(codec, errors="replace")
    return bytes(changed)
