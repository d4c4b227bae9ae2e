"""One market's requests: equal ones share a fetch, the others take their turn, and each expires at its own time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from consumers.analyzer.fetch import Fetch
from consumers.analyzer.group import Group, equal_work
from consumers.analyzer.intake import Asked
from exchanges.ports import Series
from runtime.clock import Clock
from schemas.market import candle_period
from schemas.requests import AnalysisRequested

_LOOK_SECONDS = 5.0
"""The wall clock may be stepped while one sleeps: no longer than this is slept before it is read again."""

Expired = Callable[[Group, Collection[str], Fetch | None], Awaitable[None]]
Answer = Callable[[Group, "Desk"], Awaitable[None]]


class Desk:
    """Works while somebody waits at it.

    `answer` ends members of a group, `expired` those whose time has come (with the fetch that was theirs, if any).
    """

    def __init__(self, clock: Clock, *, answer: Answer, expired: Expired) -> None:
        self._clock = clock
        self._answer = answer
        self._expired = expired
        self._groups: list[Group] = []
        self._joined = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def answered(self, asked: Asked, request: AnalysisRequested) -> None:
        """Return once the request's answer is on a topic."""
        waiter = asyncio.get_running_loop().create_future()
        group = self._group(request)
        group.join(asked, request, waiter)
        self._joined.set()
        if self._work is None:
            self._work = asyncio.create_task(self._until_nobody_waits(), name=f"desk {group.market}")
        try:
            await waiter
        except asyncio.CancelledError:
            group.leave(request.request_id, waiter)
            if not any(group.waiting for group in self._groups):
                await self._close()
            raise

    def deadline(self, request_id: str) -> datetime | None:
        """Until when this request waits here; None if it does not."""
        return max((at for group in self._groups if (at := group.expiry(request_id))), default=None)

    async def candles(self, group: Group, fetch: Fetch) -> Series | None:
        """What `fetch` brings, or None when every member expired first. The other groups expire meanwhile as well."""
        await self._expire(fetch)
        if not group.waiting:
            return None
        fetching = asyncio.create_task(fetch.series(), name=f"fetch {group.market}")
        try:
            while group.waiting and not fetching.done():
                await self._until_something_happens(fetching)
                await self._expire(fetch)
            return fetching.result() if group.waiting else None
        finally:
            fetching.cancel()
            await asyncio.wait({fetching})
            if not fetching.cancelled():
                fetching.exception()  # told to whoever awaited it; asyncio must not complain of it again

    def _group(self, request: AnalysisRequested) -> Group:
        """The group that still takes members for this work, or a new one at the end of the line."""
        # A fetch that began before a candle closed does not have it: who comes after asks anew.
        work = f"{equal_work(request)}|{candle_period(self._clock.now(), request.timeframe)}"
        for group in self._groups:
            if group.work == work:
                return group
        self._groups.append(Group(request, work))
        return self._groups[-1]

    async def _until_nobody_waits(self) -> None:
        try:
            while self._groups:
                group = self._groups[0]
                await self._answer(group, self)
                # Who joined while the answer was on its way waits behind the other groups.
                self._groups = [left for left in (*self._groups[1:], group) if left.waiting]
        except Exception as error:  # noqa: BLE001 (handed to whoever waits, and so to the loop)
            for group in self._groups:
                group.broke(error)
        finally:
            if self._work is asyncio.current_task():
                self._work = None

    async def _expire(self, fetch: Fetch) -> None:
        now = self._clock.now()
        for group in list(self._groups):
            if ids := group.expired(now):
                await self._expired(group, ids, fetch if group is self._groups[0] else None)

    async def _until_something_happens(self, fetching: asyncio.Task[Series]) -> None:
        """The fetch is over, a request's time has come, or one has joined (and may have less time)."""
        first = min((group.first_expiry for group in self._groups if group.first_expiry), default=None)
        seconds = (first - self._clock.now()).total_seconds() if first else 0.0
        self._joined.clear()
        others = {
            asyncio.create_task(self._clock.sleep(min(max(0.0, seconds), _LOOK_SECONDS))),
            asyncio.create_task(self._joined.wait()),
        }
        try:
            await asyncio.wait({fetching, *others}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for other in others:
                other.cancel()
            await asyncio.wait(others)

    async def _close(self) -> None:
        """Nobody waits here any more: what is still under way is for nobody."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            await asyncio.wait({work})
