"""What theory says of each expected value in scenarios/verification: no number there is made by
hand, but for those that the tables here work out in the open.

``CASES[scenario][expected]`` is the value, in the measure's unit; times are in hours.
"""

from __future__ import annotations

from cases.by_chance import BY_CHANCE
from cases.by_hand import BY_HAND
from cases.networks import NETWORKS

CASES: dict[str, dict[str, float]] = {**BY_CHANCE, **NETWORKS, **BY_HAND}
