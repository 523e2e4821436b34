"""Servers of a station: what each works on, which are idle, and how they break down."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from math import inf

import simpy

from sim.calendars import SLACK
from sim.engine.clock import Moment
from sim.engine.recorder import ENDED
from sim.engine.service import WorkingTime
from sim.engine.station import Follower, Load
from sim.streams import Stream


class Job:
    """A shipment at a station.

    ``number`` is its place in the order of coming, ``left`` the hours of work that are left.
    ``inside`` says that it holds a place (in the yard or with a server), ``here`` that it has come
    itself; until then ``granted`` tells the station before that it may. ``row`` is where its
    waiting or present span of work is recorded, None between two spans.
    """

    __slots__ = (
        "granted", "here", "inside", "joined", "left", "load", "number", "part", "rank", "row",
        "served", "then", "trip",
    )  # fmt: skip

    def __init__(
        self, rank: int, number: int, trip: int, load: Load, left: float, served: simpy.Event
    ) -> None:
        self.rank = rank
        self.number = number
        self.trip = trip
        self.load = load
        self.left = left
        self.served = served
        self.joined = inf
        self.inside = False
        self.here = False
        self.granted: Callable[[], None] | None = None
        self.then: Follower | None = None
        self.row: list[float] | None = None
        self.part = 0

    @property
    def key(self) -> tuple[int, int]:
        """What the queue is sorted by: who was interrupted is at the head of its rank again."""
        return self.rank, self.number


class Server:
    """One server. While it works on its ``job`` it has a ``moment`` to come, at ``end``: that of
    the service's end or, after ``till`` hours of work, of a breakdown."""

    __slots__ = (
        "began", "end", "job", "listed", "moment", "number", "stream", "till", "time", "up",
    )  # fmt: skip

    def __init__(self, number: int, time: WorkingTime, stream: Stream | None) -> None:
        self.number = number
        self.time = time
        self.stream = stream
        self.job: Job | None = None
        self.moment: Moment | None = None
        self.began = inf
        self.end = inf
        self.till = inf
        self.up = True
        self.listed = False

    @property
    def stopped(self) -> bool:
        """Whether it could go on with a job that was interrupted on it."""
        job = self.job
        return self.up and job is not None and self.moment is None and job.left > 0.0

    def yields(self, now: float) -> bool:
        """Return whether its job may be interrupted, or kept from going on, for another one. Work
        that ends at this moment, but for rounding, may not."""
        return self.end > now + SLACK if self.moment is not None else self.stopped

    def left_at(self, now: float) -> float:
        """Return the hours of work left of the job that it works on."""
        assert self.job is not None
        return max(self.job.left - self.time.worked(self.began, now), 0.0)

    def interrupt(self, now: float) -> None:
        """Stop its work, if it works; what is left of it is done later."""
        job = self.job
        if self.moment is None or job is None:
            return
        assert job.row is not None
        left = self.left_at(now)
        self.till -= job.left - left
        job.left = left
        job.row[ENDED] = self.time.stopped(self.began, now)
        job.row = None
        job.part += 1
        self.moment = None


class Servers:
    """The servers of one station, made when they are first needed; of the idle ones, that which
    was made first works next."""

    __slots__ = ("_idle", "_limit", "_time", "made")

    def __init__(self, limit: float, time: WorkingTime) -> None:
        self._limit = limit
        self._time = time
        self._idle: list[int] = []
        self.made: list[Server] = []

    def make(self, stream: Stream | None) -> Server:
        """Make one more server, with the stream of its breakdowns."""
        server = Server(len(self.made), self._time, stream)
        self.made.append(server)
        return server

    def take(self) -> Server | None:
        """Take an idle server off the list, None if there is none."""
        while self._idle:
            server = self.made[heappop(self._idle)]
            server.listed = False
            if server.up and server.job is None:
                return server
        return self.make(None) if len(self.made) < self._limit else None

    def put(self, server: Server) -> None:
        """Put a server on the list of idle ones, once; one that is not is passed over there."""
        if not server.listed:
            server.listed = True
            heappush(self._idle, server.number)

    def worst(self, now: float) -> Server | None:
        """Return the server whose job yields first: of the worst rank, and in it who came last."""
        yielding = (server for server in self.made if server.yields(now))
        return max(yielding, key=_key, default=None)


def _key(server: Server) -> tuple[int, int]:
    assert server.job is not None
    return server.job.key
