"""Every watch at work, a book for each market; what is known to have fired or expired; and what is due by the clock."""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from consumers.watcher.book import Book
from consumers.watcher.watch import Fire, Standing, Tick, Watch
from schemas.events import WatchExpired, WatchFired
from schemas.values import from_ms, to_ms
from schemas.watches import CLOSES

GRACE_MS = 5_000
"""After its end a watch is left so long before it is told of: a price of just before may still be on its way."""


class Listed(NamedTuple):
    """A watch as the table has it. What the events say that the sink has not written yet is not in `standing`."""

    watch: Watch
    standing: Standing
    version: int


class Known(NamedTuple):
    """The latest fire of a watch: its arming, and the time (ms) of the price."""

    arm: int
    at: int


class Desk:
    """No I/O, no clock: told everything, and says what follows."""

    def __init__(self) -> None:
        self._books: dict[str, Book] = {}
        self._listed: dict[str, Listed] = {}
        self._closes: set[str] = set()
        self._fired: dict[str, Known] = {}
        self._expired: dict[str, int] = {}
        self._ends: list[tuple[int, str]] = []
        self._looked: int | None = None

    def __len__(self) -> int:
        return len(self._listed)

    def version(self, watch_id: str) -> int | None:
        """Of the row as it was put."""
        listed = self._listed.get(watch_id)
        return listed.version if listed else None

    def heard(self, event: WatchFired | WatchExpired) -> None:
        """What the events say happened, whoever published it. To be heard before the watch is put."""
        if isinstance(event, WatchExpired):
            self._expired[event.watch_id] = to_ms(event.at)
        elif event.arm > self._fired.get(event.watch_id, _NEVER).arm:
            self._fired[event.watch_id] = Known(event.arm, to_ms(event.at))

    def put(self, listed: Listed) -> list[Fire]:
        """Take a watch in, or in its new shape. It may fire by prices that were told since it was made."""
        watch = listed.watch
        before = self._listed.get(watch.id)
        self._listed[watch.id] = listed
        (self._closes.add if watch.condition in CLOSES else self._closes.discard)(watch.id)
        standing = self._standing(listed, before)
        if watch.expires_at is not None and (before is None or before.watch.expires_at != watch.expires_at):
            heapq.heappush(self._ends, (watch.expires_at, watch.id))
        return self._noted(self._book(watch.place).put(watch, standing))

    def remove(self, watch_id: str) -> None:
        if listed := self._listed.pop(watch_id, None):
            self._book(listed.watch.place).remove(watch_id)
            self._closes.discard(watch_id)
            self._expired.pop(watch_id, None)

    def looked(self, at_ms: int) -> None:
        """All that changed in the table until then was put or removed."""
        self._looked = at_ms

    def tick(self, place: str, tick: Tick) -> list[Fire]:
        return self._noted(self._book(place).tick(tick, self._looked))

    def expired(self, now_ms: int) -> list[WatchExpired]:
        """What has expired and is not told yet: each once."""
        return list(self._expire(now_ms - GRACE_MS))

    def armed(self) -> dict[str, tuple[int, int]]:
        """Close conditions armed by a price that their row does not have: id -> version of the row, time (ms)."""
        found = {}
        for watch_id in self._closes:
            listed = self._listed[watch_id]
            armed_at = self._book(listed.watch.place).standing(watch_id).armed_at
            if armed_at is not None and armed_at != listed.standing.armed_at:
                found[watch_id] = (listed.version, armed_at)
        return found

    def kept(self, watch_id: str, armed_at: int) -> None:
        """The row has it now."""
        if listed := self._listed.get(watch_id):
            standing = replace(listed.standing, armed_at=armed_at)
            self._listed[watch_id] = listed._replace(standing=standing)

    def _book(self, place: str) -> Book:
        book = self._books.get(place)
        if book is None:
            book = self._books[place] = Book()
        return book

    def _standing(self, listed: Listed, before: Listed | None) -> Standing:
        watch, row = listed.watch, listed.standing
        known = self._fired.get(watch.id, _NEVER)
        armed_at = row.armed_at
        if before is not None and before.watch.since == watch.since:
            armed_at = self._book(watch.place).standing(watch.id).armed_at
        if known.arm <= row.fires:
            self._fired.pop(watch.id, None)
            return replace(row, armed_at=armed_at)
        # A fire that the row does not know yet: one that fires once is done, whatever the row says.
        return Standing(known.arm, known.at, armed_at, done=watch.once)

    def _noted(self, fires: list[Fire]) -> list[Fire]:
        for fire in fires:
            self._fired[fire.watch.id] = Known(fire.arm, fire.tick.at)
        return fires

    def _expire(self, before_ms: int) -> Iterator[WatchExpired]:
        while self._ends and self._ends[0][0] <= before_ms:
            ended_at, watch_id = heapq.heappop(self._ends)
            listed = self._listed.get(watch_id)
            if (
                listed is None
                or listed.watch.expires_at != ended_at
                or self._expired.get(watch_id) == ended_at
            ):
                continue
            self._expired[watch_id] = ended_at
            if not self._book(listed.watch.place).standing(watch_id).done:
                yield _expiry(listed.watch, ended_at)


def _expiry(watch: Watch, ended_at: int) -> WatchExpired:
    return WatchExpired(
        watch_id=watch.id,
        exchange=watch.exchange,
        market_type=watch.market_type,
        symbol=watch.symbol,
        condition=watch.condition,
        target=watch.target,
        side=watch.side,
        at=from_ms(ended_at),
        level_id=watch.level_id,
    )


_NEVER = Known(0, 0)
