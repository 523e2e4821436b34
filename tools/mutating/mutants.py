"""All mutants of a set of modules, those that cannot matter left out, and a sample of them.

Mutants are those of the operators of cosmic-ray that need no arguments. Left out is what no test
of what the code does could notice:

- annotations and aliases of types (a name of capitals and small letters, at the top of a module);
- decorators that make a data class or keep results, and what is set in them;
- the text of errors: everything inside a ``raise``;
- ``__all__``, and what stands under ``if TYPE_CHECKING``;
- what does not compile, or with a warning (identity with a literal), or compiles to the same;
- arithmetic made into work on bits: on floats it ends in an error, which would flatter the score.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
import random
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import parso  # noqa: F401 - cosmic-ray cannot be imported before it
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

Position = tuple[int, int]

UNNOTICED = {"dataclass", "cache", "lru_cache", "cached_property", "overload", "override"}


BITS = ("_RShift", "_LShift", "_BitOr", "_BitAnd", "_BitXor")


@dataclass(frozen=True, slots=True)
class Mutant:
    """The ``occurrence``-th change that an operator can make to a file (lines count from 1)."""

    file: str
    operator: str
    occurrence: int
    line: int
    column: int
    version: str

    @property
    def name(self) -> str:
        """What tells it from all others, while its file stays as it is."""
        operator = self.operator.removeprefix("core/")
        return f"{self.file}:{self.line}:{self.column} {operator} {self.occurrence} {self.version}"

    @property
    def package(self) -> str:
        """The folder of its file."""
        return self.file.rpartition("/")[0]


def mutants_of(root: Path, file: str, folder: Path) -> list[Mutant]:
    """Return the mutants of a file (relative to ``root``) that may matter; keep them in ``folder``.

    Whether they compile is not looked at yet: see ``mutated``.
    """
    text = (root / file).read_text(encoding="utf-8")
    version = hashlib.sha256(text.encode()).hexdigest()[:8]
    kept = folder / f"mutants-{file.replace('/', '-')}-{version}.json"
    if kept.exists():
        rows = json.loads(kept.read_text(encoding="utf-8"))
        return [Mutant(file, *row, version) for row in rows]
    quiet = list(_quiet(ast.parse(text)))
    nodes = list(ast_nodes(get_ast(text)))
    found = []
    for name in sorted(operator_names()):
        made_by = get_operator(name)
        if made_by.arguments() or name == "core/NoOp" or _flatters(name):
            continue
        operator = made_by()
        places = (place for node in nodes for place in operator.mutation_positions(node))
        for occurrence, (begin, _) in enumerate(places):
            if not any(first <= begin < last for first, last in quiet):
                found.append(Mutant(file, name, occurrence, *begin, version))
    rows = [(each.operator, each.occurrence, each.line, each.column) for each in found]
    kept.write_text(json.dumps(rows) + "\n", encoding="utf-8")
    return found


def mutated(root: Path, mutant: Mutant) -> str | None:
    """Return the text of a mutant's file with the mutation; None if it is no other program."""
    text = (root / mutant.file).read_text(encoding="utf-8")
    new = mutate_code(text, get_operator(mutant.operator)(), mutant.occurrence)
    if new is None:
        return None
    try:
        warnings.simplefilter("error", SyntaxWarning)
        same = ast.dump(ast.parse(new)) == ast.dump(ast.parse(text))
        compile(new, mutant.file, "exec")
    except (SyntaxError, SyntaxWarning):
        return None
    return None if same else new


def difference(root: Path, mutant: Mutant, new: str) -> list[str]:
    """Return the lines that a mutant takes away (with ``-``) and puts in their place (``+``)."""
    old = (root / mutant.file).read_text(encoding="utf-8")
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line for line in list(lines)[2:] if not line.startswith("@@")]


def in_order(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """Return mutants in an order of which every beginning is a sample stratified by module.

    Each module is shuffled and spread evenly over the order, so that it has its share of every
    beginning.
    """
    rng = random.Random(seed)
    by_file: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        by_file[mutant.file].append(mutant)
    keyed = []
    for file in sorted(by_file):
        group = by_file[file]
        rng.shuffle(group)
        keyed += [((at + rng.random()) / len(group), mutant) for at, mutant in enumerate(group)]
    return [mutant for _, mutant in sorted(keyed, key=lambda pair: pair[0])]


def _flatters(operator: str) -> bool:
    """Return whether an operator puts one on bits for another that is not."""
    return operator.endswith(BITS) and operator.count("_Bit") + operator.count("Shift") == 1


def _quiet(tree: ast.Module) -> Iterator[tuple[Position, Position]]:
    """Yield where code begins and ends in which no mutation matters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield _span(node.annotation)
        if isinstance(node, ast.FunctionDef) and node.returns:
            yield _span(node.returns)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                if _name(decorator) in UNNOTICED:
                    (line, column), end = _span(decorator)
                    yield (line, column - 1), end
        if isinstance(node, ast.Raise):
            yield _span(node)
        if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING":
            yield _span(node)
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            kind = isinstance(node.value, ast.Subscript | ast.BinOp | ast.Name)
            if name == "__all__" or (kind and name != name.upper() and name[:1].isupper()):
                yield _span(node)


def _span(node: ast.expr | ast.stmt | ast.arg) -> tuple[Position, Position]:
    if node.end_lineno is None or node.end_col_offset is None:
        raise AssertionError("a parsed node has an end")
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _name(node: ast.expr) -> str:
    """Return the last part of the name that is called or read, if it is one."""
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
