"""The network of a scenario: sites and facilities as integer-indexed arrays.

Sites are everything that holds stock on the way (factories, cities, counties) and the listed
facilities where a haul ends, in the order of the echelons and, within one, of the file or of the
administrative codes. Facilities that tours visit (village clinics) are kept apart: there are
hundreds of thousands, and each hangs on one site.
"""

from sim.network.build import build_network
from sim.network.model import LEVELS, OPEN, Facilities, Floats, Ints, ListedLinks, Network, Sites
from sim.network.pools import pools_of

__all__ = [
    "LEVELS",
    "OPEN",
    "Facilities",
    "Floats",
    "Ints",
    "ListedLinks",
    "Network",
    "Sites",
    "build_network",
    "pools_of",
]
