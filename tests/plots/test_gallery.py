"""All figures of a result on disk."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import matplotlib as mpl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sim.plots.gallery import draw_figures
from sim.store.result import Result, open_result

Build = Callable[..., Result]
KINDS = ("png", "svg", "csv")
#: Pixels to an inch: what is written does not depend on how many there are.
FEW = 20
NAMES = ("flow", "coverage", "map", "use", "verdicts")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, kits: Result) -> Result:
    """A copy of the result with its figures drawn."""
    folder = tmp_path_factory.mktemp("drawn") / "kits"
    shutil.copytree(kits.path, folder)
    result = open_result(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.plots.style._DPI", FEW)
        draw_figures(result)
    return result


def test_every_figure_is_written_in_three_kinds(drawn: Result) -> None:
    files = {path.name for path in (drawn.path / "figures").iterdir()}
    assert files == {f"{name}.{kind}" for name in NAMES for kind in KINDS}
    for path in (drawn.path / "figures").glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")


def test_csvs_are_rectangular_and_in_utf8(drawn: Result) -> None:
    for path in (drawn.path / "figures").glob("*.csv"):
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        assert len(rows) > 4
        assert {len(row) for row in rows} == {len(rows[0])}, path.name
        assert "nan" not in {cell for row in rows for cell in row}
    text = (drawn.path / "figures" / "map.csv").read_text(encoding="utf-8")
    assert "秀英区" in text


@pytest.mark.usefixtures("few_pixels")
def test_what_is_left_out_leaves_nothing_behind(make: Build) -> None:
    """Two products, one run; nothing reported, no place of the nation's, no use of anything."""
    result = make(replications=1, reported="", codes=(0,), never=(), days=5)
    path = result.path / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("entitlement = { kit = 2 }", "entitlement = { kit = 2, mask = 5 }")
    text = text.replace("stock = { kit = 100_000 }", "stock = { kit = 100_000, mask = 100_000 }")
    text = text.replace("[calendars.crews]", '[products.mask]\ntitle = "masks"\n[calendars.crews]')
    path.write_text(text, encoding="utf-8")
    curves = pq.read_table(result.path / "curves.parquet")
    curves = curves.filter(pc.equal(curves["entity"], ""))
    kits = curves.filter(pc.equal(curves["product"], "kit"))
    masks = kits.set_column(2, "product", pa.array(["mask"] * kits.num_rows))
    pq.write_table(pa.concat_tables([curves, masks]), result.path / "curves.parquet")
    folder = result.path / "figures"
    folder.mkdir()
    (folder / "map.png").write_bytes(b"of an earlier run")
    (folder / "notes.txt").write_text("the user's own")

    before = dict(mpl.rcParams)
    names = [written.name for written in draw_figures(open_result(result.path))]
    assert dict(mpl.rcParams) == before
    stems = ("flow", "flow-mask", "coverage")
    assert names == [f"{stem}.{kind}" for stem in stems for kind in KINDS]
    assert {path.name for path in folder.iterdir()} == {*names, "notes.txt"}


_SCRIPT = """
import sys
import matplotlib
matplotlib.rcParams.update({"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "none"})
from sim.store.result import open_result
import sim.plots.style
from sim.plots.gallery import draw_figures
sim.plots.style._DPI = int(sys.argv[2])
draw_figures(open_result(sys.argv[1]))
assert "matplotlib.pyplot" not in sys.modules
"""


@pytest.mark.slow
def test_the_same_bytes_in_another_process_with_another_style(drawn: Result) -> None:
    folder = drawn.path / "figures"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert not any(b"<dc:date>" in data for data in before.values())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _SCRIPT, str(drawn.path), str(FEW)],
        env=os.environ | {"PYTHONHASHSEED": "12345", "MPLBACKEND": "svg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name, data in before.items():
        assert (folder / name).read_bytes() == data, name
