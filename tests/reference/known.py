"""A campaign whose answer is known: twelve loads, each an hour out and an hour back.

With v vans the last load is there after 2 * ceil(12 / v) - 1 hours, in every run.
"""

KNOWN = """
title = "Twelve loads, an hour out and an hour back"
start = 2024-01-01T00:00:00+00:00
horizon = "30 h"
replications = 2

[geography]
nation = "none"

[products.lot]

[echelons.depot]
[echelons.shop]

[sites.depot]
echelon = "depot"
stock = { lot = 12 }

[sites.shop]
echelon = "shop"
need = { lot = 12 }

[fleets.van]
home = "depot"
vehicles = 1

[lanes.out]
from = "depot"
to = "shop"
fleet = "van"
time = "1 h"
dispatch = { rule = "when-full", full = 1 }
"""
