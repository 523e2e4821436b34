"""What the engine is told of sharing: how far, of what, and between which sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SharingSpec:
    """What the sites of a lane give to who asks: km of road within ``reach``, the chance that a
    site is ``willing``, the units that it ``keeps``, and whether it serves requests as a ``whole``
    only. ``products`` are those that are asked for along the lane."""

    reach: float
    willing: float
    keeps: int
    whole: bool
    products: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SharedWays:
    """Between which sites a lane with sharing runs.

    ``origins`` (sites, ascending) may give; ``lat`` and ``lon`` are the points of all sites of the
    plan, from which distances follow. Where the lane lists its links, they are the rows of
    ``origin``, ``destination``, ``km`` (NaN: by the points) and ``hours`` (NaN: by speed), and
    ``listed`` is true.
    """

    lane: int
    origins: Ints
    lat: Floats
    lon: Floats
    listed: bool
    origin: Ints
    destination: Ints
    km: Floats
    hours: Floats
