"""The examples of the vocabulary's pages, and the scenarios that they make of the small one.

A comment before an example says what the text around it says in words::

    <!-- name: x; with: y z; replaces: lanes.l.dispatch; more: trips; less: makespan -->

``name`` is what others call it, ``with`` which examples are added before it, ``replaces`` what is
taken out before it is added, and ``more`` and ``less`` what it does to a measure. With ``alone`` it
is a file of its own, beside the small scenario; with ``variant`` it holds the variant of this name,
which is then run. A table whose comment begins with ``rows`` has an example in the first cell of
each row; a row may end in such a comment of its own.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COMMENT = re.compile(r"<!-- (.*) -->$")
_ROW = re.compile(r"\| `(.+?)` \| .+? (?:<!-- (.*) --> )?\|$")

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """A fragment of TOML: what stands on the page, and what its comment says."""

    where: str
    text: str
    name: str = ""
    after: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    alone: bool = False
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The small scenario and all examples, in the order of the pages."""

    base: Document
    examples: tuple[Example, ...]

    def before(self, example: Example) -> Document:
        """Return the document that an example is added to: the small one and those it goes with."""
        document = self.base
        for name in example.after:
            (other,) = [each for each in self.examples if each.name == name]
            document = self.after(other) if document is self.base else _add(document, other)
        return document

    def after(self, example: Example) -> Document:
        """Return the document with the example added, or the example if it stands alone."""
        if example.alone:
            return tomllib.loads(example.text)
        return _add(self.before(example), example)


def read_vocabulary(pages: list[Path]) -> Vocabulary:
    """Return what the pages show; the first holds the small scenario.

    Raises:
        ValueError: a comment that says what it cannot, or a name that is there twice.
    """
    (base,) = re.findall(r"^```toml complete\n(.*?)^```$", pages[0].read_text("utf-8"), re.M | re.S)
    examples = tuple(example for page in pages for example in _examples(page))
    names = [example.name for example in examples if example.name]
    if len(names) > len(set(names)):
        raise ValueError("a name stands for two examples")
    return Vocabulary(tomllib.loads(base), examples)


def _examples(page: Path) -> list[Example]:
    found: list[Example] = []
    lines = page.read_text("utf-8").splitlines()
    heading, said, rows = "", dict[str, tuple[str, ...]](), False
    for number, line in enumerate(lines):
        where = f"{page.stem}:{number + 1}:{heading}"
        comment, row = _COMMENT.match(line), _ROW.match(line)
        if line.startswith("#"):
            heading = re.sub(r"\W+", "-", line.lower()).strip("-")
        elif comment:
            said = _said(comment[1].removeprefix("rows:"), where)
            rows = comment[1].startswith("rows:")
        elif line == "```toml":
            text = "\n".join(lines[number + 1 : lines.index("```", number)])
            found.append(_example(where, text, said))
            said = {}
        elif rows and row:
            found.append(_example(where, row[1], said | _said(row[2] or "", where)))
        elif rows and not line.startswith("|"):
            said, rows = {}, False
    return found


def _said(comment: str, where: str) -> dict[str, tuple[str, ...]]:
    said = {}
    for part in filter(str.strip, comment.split(";")):
        key, _, words = part.partition(":")
        if key.strip() not in ("name", "with", "replaces", "more", "less", "alone", "variant"):
            raise ValueError(f"{where}: a comment says {key.strip()}")
        said[key.strip()] = tuple(words.split())
    return said


def _example(where: str, text: str, said: dict[str, tuple[str, ...]]) -> Example:
    return Example(
        where=where,
        text=text,
        name="".join(said.get("name", ())),
        after=said.get("with", ()),
        replaces=said.get("replaces", ()),
        more=said.get("more", ()),
        less=said.get("less", ()),
        alone="alone" in said,
        variant="".join(said["variant"]) if "variant" in said else None,
    )


def _add(document: Document, example: Example) -> Document:
    for path in example.replaces:
        document = _without(document, path.split("."))
    return _merged(document, tomllib.loads(example.text))


def _merged(document: Document, more: Document) -> Document:
    result = dict(document)
    for key, value in more.items():
        here = result.get(key)
        both = isinstance(here, dict) and isinstance(value, dict)
        result[key] = _merged(here, value) if both else value  # type: ignore[arg-type]
    return result


def _without(document: Document, path: list[str]) -> Document:
    key, *rest = path
    if rest:
        return {**document, key: _without(document[key], rest)}
    return {name: value for name, value in document.items() if name != key}
