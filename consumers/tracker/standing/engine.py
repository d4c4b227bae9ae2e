"""Evaluates standing watches at every price, and publishes their fires: at once, or gathered into one.

A level that enters is saved with its entry before anything is published, and its fire's id before the fire, so that a
tracker that starts publishes the same fires again. A watch that has fired gathers what follows for a while.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.tracker.live import LiveInstrument, Tick
from consumers.tracker.standing.fires import build_fire, name_fire, to_member
from consumers.tracker.standing.matrix import (
    LoadedStandingWatch,
    MemberKey,
    PlacedLevel,
    StandingInstrument,
    StandingMatrix,
    find_gone,
)
from consumers.tracker.standing.repository import (
    clear_fire,
    delete_orphans,
    load_members,
    load_versions,
    load_watches,
    save_fire,
    save_steps,
)
from runtime.clock import Clock
from schemas.records import StandingMemberRecord
from schemas.watch_events import WatchFired

GATHER_SECONDS = 30.0
"""After a fire of a watch, the levels that enter within this time are one further fire."""
REFRESH_SECONDS = 1.0
"""Between two reads of the watches."""

T = TypeVar("T")

Retry = Callable[[Callable[[], Awaitable[T]]], Awaitable[T]]
Publish = Callable[[Sequence[WatchFired]], Awaitable[None]]


class StandingEngine:
    """Keeps, for each instrument whose prices arrive, which levels are inside. `clear` forgets it all."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._watches: dict[str, LoadedStandingWatch] = {}
        self._versions: dict[str, int] = {}
        self._matrix = StandingMatrix([])
        self._read_at = -REFRESH_SECONDS
        self._instruments: dict[str, StandingInstrument] = {}
        self._sources: dict[str, object] = {}
        self._pending: dict[str, dict[MemberKey, StandingMemberRecord]] = defaultdict(dict)
        self._quiet_until: dict[str, float] = {}

    def clear(self) -> None:
        """Read everything again: other trackers may have had these instruments."""
        self._instruments.clear()
        self._sources.clear()
        self._pending.clear()

    async def refresh(self) -> None:
        """Read the watches, unless that was done just now. Raises Transient."""
        now = self._clock.monotonic()
        if now - self._read_at < REFRESH_SECONDS:
            return
        versions = await load_versions(self._engine)
        if versions != self._versions:
            await delete_orphans(self._engine)
            self._watches = {watch.id: watch for watch in await load_watches(self._engine)}
            self._matrix = StandingMatrix(list(self._watches.values()))
            self._versions = versions
            self.clear()
        self._read_at = now

    async def advance(
        self, ticks: Iterable[tuple[str, Tick]], instruments: Callable[[str], LiveInstrument]
    ) -> None:
        """Evaluate prices, and save what has entered and left. Raises Transient; repeating it changes nothing more."""
        if not self._watches:
            return
        latest = list(ticks)
        gone = await self._load({name for name, _ in latest}, instruments)
        entered: dict[MemberKey, StandingMemberRecord] = {}
        left = set(gone)
        for name, tick in latest:
            for step in self._instruments[name].advance(tick.price):
                if step.has_entered:
                    entered.setdefault(step.key, to_member(step, name, tick))["is_inside"] = True
                elif step.key in entered:
                    entered[step.key]["is_inside"] = False
                else:
                    left.add(step.key)
        if entered or left:
            await self._save(entered, left)

    async def _save(self, entered: Mapping[MemberKey, StandingMemberRecord], left: set[MemberKey]) -> None:
        try:
            await save_steps(self._engine, list(entered.values()), left)
        except BaseException:  # a cancellation too: what is kept is ahead of the table, and is read again
            self.clear()
            raise
        for key, row in entered.items():
            self._pending[key.watch_id].setdefault(key, row)

    async def publish_due(self, publish: Publish) -> None:
        """Publish the fires of watches that have not fired just now. Raises Transient."""
        now = self._clock.monotonic()
        for watch_id in [one for one in self._pending if now >= self._quiet_until.get(one, now)]:
            watch = self._watches.get(watch_id)
            rows = self._pending[watch_id]
            if watch is not None:
                for fire_id, keys in _group(rows).items():
                    await save_fire(self._engine, keys, fire_id)
                    await publish([build_fire(watch, fire_id, [rows[key] for key in keys])])
                    await clear_fire(self._engine, fire_id)
            del self._pending[watch_id]
            self._quiet_until[watch_id] = now + GATHER_SECONDS

    async def _load(self, names: set[str], instruments: Callable[[str], LiveInstrument]) -> set[MemberKey]:
        """Build what is new or has other levels than before; return the members whose levels are gone."""
        new = names - self._instruments.keys()
        rows = await load_members(self._engine, new) if new else {}
        gone: set[MemberKey] = set()
        for name in names:
            markets = instruments(name).markets
            known = self._instruments.get(name)
            if known is not None and self._sources[name] is markets:
                continue
            members = known.members() if known is not None else self._take_rows(rows.get(name, ()))
            found = find_gone({key: market.levels.keys() for key, market in markets.items()}, members)
            levels = [
                PlacedLevel(market.market, live.level, market.atr)
                for market in markets.values()
                for live in market.levels.values()
            ]
            gone |= found
            self._instruments[name] = self._matrix.place(levels, members - found)
            self._sources[name] = markets
        return gone

    def _take_rows(self, rows: Iterable[StandingMemberRecord]) -> set[MemberKey]:
        """Return the members of rows, and keep those whose fire is to be published."""
        inside: set[MemberKey] = set()
        for row in rows:
            key = MemberKey(row["watch_id"], row["market"], row["level_id"])
            if row["is_inside"]:
                inside.add(key)
            if row["entry"] is not None and key.watch_id in self._watches:
                self._pending[key.watch_id].setdefault(key, row)
        return inside


def _group(rows: Mapping[MemberKey, StandingMemberRecord]) -> dict[str, list[MemberKey]]:
    """Return the members by fire: those that were given one keep it, the others share one."""
    given: dict[str | None, list[MemberKey]] = defaultdict(list)
    for key, row in rows.items():
        given[row["fire_id"]].append(key)
    return {name_fire([rows[key] for key in keys]): keys for keys in given.values()}
