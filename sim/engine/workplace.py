"""The general station: order by rank, work that is interrupted, a yard with an end, breakdowns.

All that happens at one moment (who comes, whose service ends, what is repaired) comes first; then
the station decides once who begins, who is let into the yard and who is interrupted. So nothing
depends on the order in which things of one moment are told to it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from math import inf, isinf
from operator import attrgetter

import simpy

from sim.calendars import SLACK
from sim.engine.clock import RECEIPT, REVIEW, Clock, Moment
from sim.engine.recorder import BEGAN, DONE, ENDED, Recorder
from sim.engine.servers import Job, Server, Servers
from sim.engine.service import WorkingTime, service_hours
from sim.engine.station import Follower, Load, Station
from sim.plan.specs import StationSpec
from sim.streams import Stream

#: Stations decide after all other reviews of a moment: their entities lie above those of sites.
_LAST = 1 << 39
#: The rank of a vehicle without goods, behind that of any product.
_NOTHING = 1 << 16
_key = attrgetter("key")


class Workplace:
    """One station at one site, whatever its spec asks for.

    The queue is ordered by rank, then by when shipments came; a shipment's rank is the best of its
    products', and behind all for an empty vehicle. The yard holds who is not in service; no one
    is let in while it is full, unless an idle server takes them up at once. Who was interrupted
    comes back to the head of its rank; who was on a server that broke down stays with it. Repairs
    go on around the clock.
    """

    __slots__ = (
        "_clock",
        "_coming",
        "_due",
        "_entity",
        "_joined",
        "_line",
        "_recorder",
        "_servers",
        "_site",
        "_stream",
        "_time",
        "_waiting",
        "_wake",
        "blocks",
        "index",
        "spec",
    )

    def __init__(
        self,
        clock: Clock,
        recorder: Recorder,
        spec: StationSpec,
        index: int,
        site: int,
        stream: Stream,
        server_stream: Callable[[int], Stream],
    ) -> None:
        """``server_stream`` gives the stream of the breakdowns of server 0, 1, ...

        Raises ValueError for servers without number that break down.
        """
        self._clock = clock
        self._recorder = recorder
        self.spec = spec
        self.index = index
        self._site = site
        self._stream = stream
        self._entity = _LAST + (index << 28) + site
        self._time = WorkingTime(spec.shift)
        self._line: list[Job] = []  # all who wait, sorted: in the yard, before it, or yet to come
        self._coming: dict[int, Job] = {}
        self._joined = 0
        self._waiting = 0  # those who have a place and are not in service
        self._due = self._wake = -inf  # when it is to decide at the end of a moment, and later
        self.blocks = not (isinf(spec.yard) or spec.turns_away)
        self._servers = Servers(spec.servers, self._time)
        if spec.breakdown is not None:
            if isinf(spec.servers):
                raise ValueError(f'"{spec.name}": only so many servers can break down')
            for number in range(int(spec.servers)):
                server = self._servers.make(server_stream(number))
                self._arm(server)
                self._servers.put(server)

    def serve(self, trip: int, load: Load, then: Follower | None = None) -> simpy.Event:
        """Return an event that happens when the shipment of ``trip`` has been served and may go.

        Its value is True, or False, at this moment, if the yard is full and turns it away.
        ``load`` is units by product; ``then`` is where it goes without a journey in between. The
        n-th shipment to come takes its draws before the next one does, even if it is turned away.
        """
        job = self._coming.pop(trip, None) or self._add(trip, load)
        job.here = True
        job.then = then if then is not None and then.blocks else None
        job.joined = self._clock.now
        if job.inside or not self.spec.turns_away:
            job.row = self._recorder.service(self.index, self._site, trip, job.joined)
        self._review()
        return job.served

    def reserve(self, trip: int, load: Load, granted: Callable[[], None]) -> None:
        """Call ``granted`` when there is room for the shipment, whose place is then kept for it
        until it asks to be served. It takes its draws now."""
        job = self._add(trip, load)
        job.granted = granted
        self._coming[trip] = job
        self._review()

    def _add(self, trip: int, load: Load) -> Job:
        hours = service_hours(self.spec, load, self._stream)
        ranks = self.spec.ranks
        rank = min([ranks[product] for product in load], default=_NOTHING) if ranks else 0
        job = Job(rank, self._joined, trip, load, hours, simpy.Event(self._clock))
        self._joined += 1
        if isinf(self.spec.yard):
            job.inside = True
            self._waiting += 1
        insort(self._line, job, key=_key)
        return job

    # --- deciding, after all else of a moment

    def _review(self) -> None:
        """Decide at the end of this moment."""
        if self._due != self._clock.now:
            self._due = self._clock.now
            self._clock.call_at(self._due, REVIEW, self._entity, self._decide)

    def _review_at(self, time: float) -> None:
        """Decide at a later time as well."""
        if isinf(time) or self._clock.now < self._wake <= time:
            return
        self._wake = time
        self._clock.call_at(time, REVIEW, self._entity, self._decide)

    def _decide(self, _: simpy.Event) -> None:
        self._due = -inf
        self._take_up()
        if not isinf(self.spec.yard):
            self._let_in()
        if self.spec.preempts:
            self._preempt()
        if self.spec.breakdown is not None:
            self._resume()

    def _take_up(self) -> None:
        """Idle servers take up the first in the queue; each keeps to one who must wait till later
        because the station is closed, or its work would not fit."""
        line, now = self._line, self._clock.now
        kept: list[Server] = []
        place = 0
        while place < len(line) and (server := self._servers.take()) is not None:
            job = line[place]
            begin = self._time.begin(now, job.left)
            if begin == now and job.here:
                del line[place]
                self._waiting -= job.inside
                self._start(server, job)
                continue
            kept.append(server)
            if begin > now and not self._time.fits:  # then nobody can begin before
                self._review_at(begin)
                break
            if isinf(begin):  # it fits into no opening hours: it stays, the server does not
                self._servers.put(kept.pop())
                if job.inside and job.here:
                    del line[place]
                    continue
            elif begin > now:
                self._review_at(begin)
            elif not job.inside:
                self._admit(job)  # the server is kept for it until it comes
            place += 1
        for server in kept:
            self._servers.put(server)

    def _let_in(self) -> None:
        """Fill the yard with those before it, and turn the rest away if that is the rule."""
        for job in self._line:
            if self._waiting >= self.spec.yard:
                break
            if not job.inside:
                self._admit(job)
        if self.spec.turns_away:
            refused = [job for job in self._line if not job.inside]
            self._line = [job for job in self._line if job.inside]
            for job in refused:
                job.served.succeed(False)

    def _admit(self, job: Job) -> None:
        """Give a shipment a place."""
        job.inside = True
        self._waiting += 1
        if job.row is None and job.here:
            job.row = self._recorder.service(self.index, self._site, job.trip, job.joined)
        if not job.here:
            assert job.granted is not None
            job.granted()

    def _preempt(self) -> None:
        """Let those of better rank interrupt: first the worst rank, in it who came last."""
        line, now = self._line, self._clock.now
        place = 0
        while place < len(line):
            job = line[place]
            server = self._servers.worst(now)
            victim = server.job if server is not None else None
            if server is None or victim is None or victim.rank <= job.rank:
                return
            begin = self._time.begin(now, job.left)
            if begin > now:
                self._review_at(begin)
            if begin > now or not (job.here and job.inside):
                place += 1
                continue
            server.interrupt(now)
            del line[place]
            insort(line, victim, key=_key)
            self._start(server, job)

    def _resume(self) -> None:
        """Go on with what was interrupted by breakdowns."""
        for server in self._servers.made:
            if not server.stopped:
                continue
            assert server.job is not None
            begin = self._time.resume(self._clock.now, server.job.left)
            if begin == self._clock.now:
                self._start(server, server.job)
            elif isinf(begin):  # it fits into no opening hours: it stays, the server does not
                self._free(server)
            else:
                self._review_at(begin)

    # --- work

    def _start(self, server: Server, job: Job) -> None:
        """Begin a span of work now."""
        now = self._clock.now
        if job.row is None:
            job.row = self._recorder.service(self.index, self._site, job.trip, job.joined, job.part)
        job.inside = True
        job.row[BEGAN] = now
        breaks = server.till < job.left
        server.job, server.began = job, now
        server.end = self._time.end(now, server.till if breaks else job.left)

        def happen(_: simpy.Event) -> None:
            if server.moment is moment:  # not interrupted meanwhile
                (self._break_down if breaks else self._finish)(server)

        server.moment = moment = Moment([happen])
        self._clock.put(moment, server.end, RECEIPT, self._site)

    def _finish(self, server: Server) -> None:
        """The work on a shipment ends; it goes, or keeps the server until it has a place."""
        job = server.job
        assert job is not None
        assert job.row is not None
        job.row[ENDED] = self._clock.now
        job.row[DONE] = 1.0
        server.till -= job.left
        server.moment, job.left = None, 0.0

        def leave() -> None:
            self._free(server)
            job.served.succeed(True)

        if job.then is None:
            leave()
        else:
            job.then.reserve(job.trip, job.load, leave)
        if server.till <= SLACK:
            self._break_down(server)

    def _free(self, server: Server) -> None:
        server.job = None
        self._servers.put(server)
        self._review()

    # --- breakdowns

    def _arm(self, server: Server) -> None:
        """Draw when a server breaks down next."""
        breakdown, stream = self.spec.breakdown, server.stream
        assert breakdown is not None
        assert stream is not None
        hours = breakdown.after.quantile_at(stream.uniform())
        if breakdown.clock == "working":
            server.till = hours
            return
        self._clock.call_at(
            self._clock.now + hours, RECEIPT, self._site, lambda _: self._break_down(server)
        )

    def _break_down(self, server: Server) -> None:
        """A server stops, and its repair begins."""
        if server.moment is not None:
            if server.left_at(self._clock.now) > SLACK:
                server.interrupt(self._clock.now)
            else:  # its work ends at this moment, but for rounding
                self._finish(server)
                if not server.up:
                    return
        server.up, server.till = False, inf
        breakdown, stream = self.spec.breakdown, server.stream
        assert breakdown is not None
        assert stream is not None

        def repaired(_: simpy.Event) -> None:
            server.up = True
            self._arm(server)
            self._servers.put(server)
            self._review()

        hours = breakdown.repair.quantile_at(stream.uniform())
        self._clock.call_at(self._clock.now + hours, RECEIPT, self._site, repaired)


AnyStation = Station | Workplace


def make_station(
    clock: Clock,
    recorder: Recorder,
    spec: StationSpec,
    index: int,
    site: int,
    stream: Stream,
    server_stream: Callable[[int], Stream],
) -> AnyStation:
    """Return the leanest station that does what its spec asks for."""
    if spec.is_plain:
        return Station(clock, recorder, spec, index, site, stream)
    return Workplace(clock, recorder, spec, index, site, stream, server_stream)
