"""Fill docs/tutorial.md: run its commands, and put what they print and draw into the page.

    python tools/build_tutorial.py FOLDER            runs in FOLDER, which is new, or empty
    python tools/build_tutorial.py FOLDER --check    says whether the page is what comes out

A block that begins with ``$ postroad`` is a command with what it prints on standard output, but for
the CPU seconds it took. A command may go on over lines that end in a backslash. Comments before a
block leave out what is long: ``<!-- without A .. B -->`` the lines from the first that the regular
expression A finds until the next that B finds, or all that follow if there is no B. A comment
``<!-- from PATTERN -->`` before an image names the file of the results that it is a copy of.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(
    r"(?P<cuts>(?:^<!-- without .* -->\n)*)"
    r"^```\n(?P<command>\$ (?:.*\\\n)*.*\n)(?P<printed>(?:(?!```).*\n)*)```$",
    re.MULTILINE,
)
CUT = re.compile(r"^<!-- without (?P<first>.*?)(?: \.\. (?P<next>.*))? -->$", re.MULTILINE)
FIGURE = re.compile(r"<!-- from (?P<source>\S+) -->\n!\[[^\]]*\]\((?P<image>\S+)\)")
CPU = re.compile(r" in \d[\d.,]* s of CPU|, \d[\d.,]* s of CPU each")
LEFT_OUT = "...\n"


@dataclass(frozen=True, slots=True)
class Command:
    """A command as the page has it, what the page says that it prints, and what of it is cut."""

    text: str
    printed: str
    cuts: tuple[tuple[str, str | None], ...] = ()

    @property
    def words(self) -> list[str]:
        """The command as a shell splits it, without the prompt."""
        return shlex.split(self.text.removeprefix("$ ").replace("\\\n", " "))

    def shown(self, printed: str) -> str:
        """What the page shows of all that the command prints.

        Raises:
            ValueError: there is no line at which the page cuts it.
        """
        rest = [CPU.sub("", line).rstrip() + "\n" for line in printed.splitlines()]
        kept: list[str] = []
        for first, following in self.cuts:
            begin = self._line(rest, first)
            end = len(rest) if following is None else self._line(rest, following, begin + 1)
            kept += [*rest[:begin], LEFT_OUT]
            rest = rest[end:]
        return "".join([*kept, *rest])

    def _line(self, lines: list[str], pattern: str, begin: int = 0) -> int:
        for number in range(begin, len(lines)):
            if re.search(pattern, lines[number]):
                return number
        raise ValueError(f"{self.text.strip()}: it prints no line like {pattern!r} where it should")


def commands_of(page: str) -> list[Command]:
    """Return the commands of a page, in its order."""
    return [_command(found) for found in BLOCK.finditer(page)]


def _command(found: re.Match[str]) -> Command:
    cuts = tuple((cut["first"], cut["next"]) for cut in CUT.finditer(found["cuts"]))
    return Command(found["command"], found["printed"], cuts)


def figures_of(page: str) -> list[tuple[str, str]]:
    """Return where each figure of a page comes from, a pattern, and where it lies in the docs."""
    return [(found["source"], found["image"]) for found in FIGURE.finditer(page)]


def run(command: Command, folder: Path) -> str:
    """Run a command in a folder and return what it prints on standard output.

    Raises:
        RuntimeError: it fails.
    """
    words = command.words
    assert words[0] == "postroad", words
    done = subprocess.run(
        [sys.executable, "-m", "sim", *words[1:]],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "112"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise RuntimeError(f"{shlex.join(words)} left with {done.returncode}:\n{done.stderr}")
    return done.stdout


def fill(page: str, folder: Path) -> str:
    """Return the page with what its commands print now; the results stay in the folder.

    Raises:
        RuntimeError: a command fails.
        ValueError: what a command prints has no line at which the page cuts it.
    """
    if not (folder / "scenarios").exists():
        (folder / "scenarios").symlink_to(ROOT / "scenarios")

    def block(found: re.Match[str]) -> str:
        command = _command(found)
        print(command.text.strip(), file=sys.stderr)
        head = found[0][: found.start("printed") - found.start()]
        return f"{head}{command.shown(run(command, folder))}```"

    return BLOCK.sub(block, page)


def copy_figures(page: str, folder: Path) -> None:
    """Copy the figures that the page shows out of the results."""
    for source, image in figures_of(page):
        (found,) = folder.glob(source)
        shutil.copyfile(found, PAGE.parent / image)


def main() -> None:
    """Read the command line, run, write or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if (given.folder / "results").exists():
        sys.exit(f"{given.folder} holds results; a new folder is needed")
    old = PAGE.read_text(encoding="utf-8")
    new = fill(old, given.folder)
    if given.check:
        sys.exit("the page differs from what its commands print" if new != old else 0)
    PAGE.write_text(new, encoding="utf-8")
    copy_figures(new, given.folder)


if __name__ == "__main__":
    main()
