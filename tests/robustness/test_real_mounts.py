"""A file system that really is full, and one that really is read-only: small ones, mounted where
only this test sees them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from robustness.commands import begin, end, tables_of

RUN = ("run", "road.toml", "--replications", "60", "--no-figures", "--jobs")
#: Runs with arguments, the result on a file system of 256 kB that later becomes larger, and at last
#: read-only. Each command leaves what it says, and its exit code, in files of its own.
SCRIPT = """
say() {{
    name=$1
    shift
    code=0
    {python} -m sim "$@" > $name.out 2> $name.err || code=$?
    echo $code > $name.code
}}
mkdir small
mount -t tmpfs -o size=256k tmpfs small
say full {run} --out small/r
ls small/r/parts | wc -l > parts
say check check small/r
mount -o remount,size=64m small
say resume {run} --out small/r --resume
mount -o remount,ro small
say over {run} --out small/r --overwrite
say new {run} --out small/new
say whole check small/r
cp -r small/r kept
"""


def can_mount() -> bool:
    """Whether a process here may have file systems of its own."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rm", "true"], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="no file systems of one's own here")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_system_that_is_full_and_then_read_only(jobs: str, here: Path) -> None:
    assert end(begin(*RUN, jobs, "--out", "whole", cwd=here)).code == 0
    script = SCRIPT.format(python=sys.executable, run=" ".join((*RUN, jobs)))
    subprocess.run(
        ["unshare", "-rm", "sh", "-eu", "-c", script],
        cwd=here,
        env={**os.environ, "NO_COLOR": "1"},
        check=True,
    )

    def said(name: str) -> tuple[int, str]:
        code, text = ((here / f"{name}.{end}").read_text() for end in ("code", "err"))
        return int(code), text

    parts = int((here / "parts").read_text())
    assert 0 < parts < 60
    code, text = said("full")
    assert (code, text.count("\n")) == (1, 1), text
    assert text.startswith("cannot write the results (")
    assert "No space left on device" in text
    assert "--out small/r --resume" in text
    assert said("check") == (2, "small/r is not finished (failed): run it again with --resume\n")
    assert said("resume") == (0, "")
    assert tables_of(here / "kept") == tables_of(here / "whole")
    for name, folder in (("over", "small/r"), ("new", "small/new")):
        assert said(name) == (
            2,
            f"cannot write the result folder {folder}: Read-only file system\n",
        )
    assert said("whole") == (0, "")
