"""Fill docs/tutorial.md: run its commands, and put what they print and draw into the page.

    python tools/build_tutorial.py FOLDER            runs in FOLDER, which keeps the results
    python tools/build_tutorial.py FOLDER --check    says whether the page is what comes out

A block that begins with ``$ postroad`` is a command with what it prints. A command may go on over
lines that end in a backslash. A comment ``<!-- from PATH -->`` before an image names the file of a
result folder that it is a copy of. A run of the campaign that FOLDER holds is not repeated: results
are the same bytes.
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
BLOCK = re.compile(r"^```\n(\$ (?:.*\\\n)*.*\n)((?:(?!```).*\n)*)```$", re.MULTILINE)
FIGURE = re.compile(r"<!-- from (?P<source>\S+) -->\n!\[[^\]]*\]\((?P<image>\S+)\)")


@dataclass(frozen=True, slots=True)
class Command:
    """A command as the page has it, and what it printed."""

    text: str
    printed: str

    @property
    def words(self) -> list[str]:
        """The command as a shell splits it, without the prompt."""
        return shlex.split(self.text.removeprefix("$ ").replace("\\\n", " "))


def commands_of(page: str) -> list[Command]:
    """Return the commands of a page, in its order."""
    return [Command(found[1], found[2]) for found in BLOCK.finditer(page)]


def run(command: Command, folder: Path, *more: str) -> str:
    """Run a command in a folder and return what it prints on standard output.

    Raises:
        RuntimeError: it fails.
    """
    words = command.words
    assert words[0] == "postroad", words
    done = subprocess.run(
        [sys.executable, "-m", "sim", *words[1:], *more],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "110"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{shlex.join(words)} left with {done.returncode}:\n{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"


def fill(page: str, folder: Path) -> str:
    """Return the page with what its commands print now."""
    if not (folder / "scenarios").exists():
        (folder / "scenarios").symlink_to(ROOT / "scenarios")

    def block(found: re.Match[str]) -> str:
        print(found[1].strip(), file=sys.stderr)
        return f"```\n{found[1]}{run(Command(found[1], found[2]), folder)}```"

    return BLOCK.sub(block, page)


def copy_figures(page: str, folder: Path) -> None:
    """Copy the figures that the page shows out of the results."""
    for found in FIGURE.finditer(page):
        shutil.copyfile(folder / found["source"], PAGE.parent / found["image"])


def main() -> None:
    """Read the command line, run, write or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    old = PAGE.read_text(encoding="utf-8")
    new = fill(old, given.folder)
    if given.check:
        sys.exit("the page differs from what its commands print" if new != old else 0)
    PAGE.write_text(new, encoding="utf-8")
    copy_figures(new, given.folder)


if __name__ == "__main__":
    main()
