"""Things that are counted, in words: titles are plurals, and of one thing the singular is due."""

from __future__ import annotations


def singular(title: str) -> str:
    """Return the singular of an echelon's title: county, city, packing place, hand-out point.

    The first noun counts where others follow it: "village clinic of the centres".
    """
    for joint in (" (", " of ", " for ", " in ", " who ", " without ", " with "):
        head, found, rest = title.partition(joint)
        if found:
            return f"{singular(head)}{found}{rest}"
    return f"{title[:-3]}y" if title.endswith("ies") else title.removesuffix("s")


def counted(count: int, title: str) -> str:
    """Return so many of what a title names: ``1 depot``, ``2,832 counties``."""
    return f"{count:,} {title if count != 1 else singular(title)}"
