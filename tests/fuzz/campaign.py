"""Fuzzing by seeds: file ``i`` of seed ``s`` is the same on every machine, alone or among others.

``python -m fuzz.campaign SEED FIRST COUNT`` in ``tests/`` puts so many files through; with a
folder behind, files that show a defect are kept there.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from fuzz.bases import folder_files, heavy_bases, light_bases
from fuzz.mutate import of_bytes, of_document, of_lines
from fuzz.oracle import Outcome, outcome_of

#: One file in so many is a large one.
_HEAVY = 150


@dataclass(frozen=True, slots=True)
class Case:
    """A fuzzed file and those beside it, by their path; its own is ``fuzzed.toml``."""

    name: str
    files: dict[str, bytes]
    heavy: bool


@dataclass(slots=True)
class Tally:
    """How many files came to what, and the defects, each with the number of its file."""

    outcomes: Counter[str] = field(default_factory=Counter)
    defects: list[tuple[int, Outcome]] = field(default_factory=list)

    def __str__(self) -> str:
        said = ", ".join(f"{kind} {count}" for kind, count in sorted(self.outcomes.items()))
        first: dict[str, tuple[int, int]] = {}
        for index, outcome in self.defects:
            before = first.get(outcome.key, (index, 0))
            first[outcome.key] = (before[0], before[1] + 1)
        keys = [f"  {key}: {n} times, first file {i}" for key, (i, n) in first.items()]
        return "\n".join([said, *keys])


def case_of(seed: int, index: int) -> Case:
    """Return a file of a seed."""
    random = Random(f"{seed}/{index}")
    bases = heavy_bases() if random.randrange(_HEAVY) == 0 else light_bases()
    (base,) = random.choices(bases, [1 / (1000 + len(base.text)) for base in bases])
    files = {name: text.encode() for name, text in base.beside.items()}
    target = random.choice(list(files)) if files and random.random() < 0.5 else ""
    text = base.beside[target] if target else base.text
    is_toml = not target or target.endswith(".toml")
    kind = random.random()
    if kind < 0.70 and is_toml:
        data = of_document(random, text).encode("utf-8", errors="surrogatepass")
    elif kind < 0.88:
        data = of_lines(random, text).encode("utf-8", errors="surrogatepass")
    else:
        data = of_bytes(random, text.encode())
    own = base.text.encode()
    files = {**files, "fuzzed.toml": own, **({target: data} if target else {"fuzzed.toml": data})}
    return Case(base.name, files, base.heavy)


def put_through(seed: int, first: int, count: int, keep: Path | None = None) -> Tally:
    """Put files of a seed through what ``postroad validate`` does, and beyond; files that show a
    defect are kept in ``keep``, if given, with what the defect is."""
    tally = Tally()
    with TemporaryDirectory(prefix="postroad-fuzz-") as name:
        folder = Path(name)
        for path, text in folder_files().items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        for index in range(first, first + count):
            case = case_of(seed, index)
            for path, data in case.files.items():
                (folder / path).write_bytes(data)
            varied = any(b"variants" in data for data in case.files.values())
            file = folder / "fuzzed.toml"
            outcome = outcome_of(file, carry_out=not case.heavy, varied=varied)
            tally.outcomes[outcome.kind] += 1
            if outcome.kind == "defect":
                tally.defects.append((index, outcome))
                if keep is not None:
                    kept = keep / f"{seed}-{index}"
                    shutil.copytree(folder, kept, dirs_exist_ok=True)
                    (kept / "defect.txt").write_text(f"{case.name}\n{outcome.detail}\n", "utf-8")
            for path in case.files:
                if path in folder_files():
                    (folder / path).write_text(folder_files()[path], "utf-8")
    return tally


if __name__ == "__main__":
    begun = time.process_time()
    asked = [int(text) for text in sys.argv[1:4]]
    print(put_through(*asked, keep=Path(sys.argv[4]) if len(sys.argv) > 4 else None))
    print(f"{time.process_time() - begun:.1f} s of CPU")
