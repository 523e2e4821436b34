"""One account in two layouts: a table where there is room for it, else lines of text."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table

_UNBOUNDED = 10_000


@dataclass(frozen=True)
class WideOrNarrow:
    """A table, or lines that say the same where the table is wider than the console.

    With ``least`` the table is used from so many columns on, whether or not its cells wrap.
    """

    table: Table
    lines: tuple[RenderableType, ...]
    least: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the layout that fits."""
        wanted = self.least
        if wanted is None:
            unbounded = options.update(max_width=_UNBOUNDED)
            wanted = Measurement.get(console, unbounded, self.table).maximum
        if wanted <= options.max_width:
            yield self.table
        else:
            yield from self.lines


def plain_table(*headings: str) -> Table:
    """Return an empty table without lines, its cells folded rather than cut off."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
