"""The score of the suite over the judged mutants, and a report of those that survived."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mutating.judging import Found
from mutating.mutants import Mutant, difference

Z = 1.959963984540054  # of a two-sided level of 95 %
#: Of a survivor: its file, the line as it is and as it would be.
Change = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant, the text of its file with the mutation, and what became of it."""

    mutant: Mutant
    text: str
    found: Found


def read_equivalent(path: Path) -> dict[Change, str]:
    """Return why some mutants do the same as the code, by file, old and new lines."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        (row["file"], row["old"], new): row["why"]
        for row in table.get("equivalent", [])
        for new in (row["new"] if isinstance(row["new"], list) else [row["new"]])
    }


def change_of(root: Path, judged: Judged) -> Change:
    """Return the file, the lines taken away and those put there, without indents."""
    lines = difference(root, judged.mutant, judged.text)
    old, new = (
        "\n".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return judged.mutant.file, old, new


def wilson(killed: int, count: int) -> tuple[float, float]:
    """Return the interval of E. B. Wilson (1927) of a share, at 95 %; of no mutants, (0, 1)."""
    if not count:
        return 0.0, 1.0
    share, unit = killed / count, Z**2 / count
    middle = share + unit / 2
    half = Z * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return (middle - half) / (1 + unit), (middle + half) / (1 + unit)


def score_lines(root: Path, judged: Sequence[Judged], equivalent: dict[Change, str]) -> list[str]:
    """Return a Markdown table of the score of each package and of all."""
    lines = [
        "| package | drawn | equivalent | killed | survived | score, 95 % |",
        "|---|---|---|---|---|---|",
    ]
    packages = sorted({each.mutant.package for each in judged})
    for name in (*packages, "all"):
        group = [each for each in judged if name in (each.mutant.package, "all")]
        killed = sum(each.found.outcome == "killed" for each in group)
        left = [each for each in group if each.found.outcome != "killed"]
        same = sum(change_of(root, each) in equivalent for each in left)
        count = len(group) - same
        low, high = wilson(killed, count)
        share = f"{killed / count:.1%} [{low:.1%}, {high:.1%}]" if count else "none"
        lines.append(
            f"| `{name}` | {len(group)} | {same} | {killed} | {len(left) - same} | {share} |"
        )
    return lines


def write_report(
    root: Path, path: Path, judged: Sequence[Judged], equivalent: dict[Change, str]
) -> None:
    """Write the score and the survivors with what they change, equivalent ones last."""
    lines = ["# Mutants", "", *score_lines(root, judged, equivalent)]
    left = [each for each in judged if each.found.outcome != "killed"]
    left.sort(key=lambda each: (each.mutant.file, each.mutant.line))
    for title, same in (("Survivors", False), ("The same as the code", True)):
        lines += ["", f"## {title}"]
        for each in left:
            change = change_of(root, each)
            if (change in equivalent) is same:
                mutant, found = each.mutant, each.found
                lines += ["", f"{mutant.file}:{mutant.line} {found.outcome}, {found.by}", "```diff"]
                lines += [*difference(root, mutant, each.text), "```"]
                lines += [equivalent[change]] if same else []
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
