"""All active watches: an index for each instrument, the fires and expiries known so far, and what expires next."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from consumers.watcher.candle_checks import CandleCheck
from consumers.watcher.index import NO_SILENCE, WatchIndex
from consumers.watcher.sight import WatchSight
from consumers.watcher.watch import Fire, LoadedWatch, Tick, Watch, WatchState, to_expiry_event
from exchanges.ports import Candle
from schemas.market import instrument_key
from schemas.records import WatchedPriceRecord
from schemas.values import to_ms
from schemas.watch_events import AnyWatchEvent, WatchBlinded, WatchExpired, WatchSighted
from schemas.watches import CLOSES

EXPIRY_GRACE_MS = 5_000
"""An expiry is published this long after the watch's end: a price from just before may still arrive."""


MAX_EXPIRY_DELAY_MS = 900_000
"""How long an expiry waits for prices and candles that may still show a fire before the watch's end."""


class LastFire(NamedTuple):
    """The latest fire of a watch: the number of its arming, and when (ms) its price was traded."""

    arm: int
    traded_at: int


class Arming(NamedTuple):
    """An arming (ms) to write to a row, if the row still has this version."""

    version: int
    armed_at: int


class WatchEngine:
    """Decides what fires and expires. No I/O, no clock: rows, events, prices and time are passed in."""

    def __init__(self, max_silence: int = NO_SILENCE) -> None:
        self._max_silence = max_silence
        self._indexes: dict[str, WatchIndex] = {}
        self._watches: dict[str, LoadedWatch] = {}
        self._closes: set[str] = set()
        self._sight = WatchSight()
        self._fires: dict[str, LastFire] = {}
        self._expiries: dict[str, int] = {}
        self._ends: list[tuple[int, str]] = []
        self._loaded_at: int | None = None
        self._saved_prices: dict[str, WatchedPriceRecord] = {}
        self._table_prices: dict[str, WatchedPriceRecord] = {}

    def __len__(self) -> int:
        return len(self._watches)

    def version(self, watch_id: str) -> int | None:
        """Return the version of the row that was last put."""
        loaded = self._watches.get(watch_id)
        return loaded.version if loaded else None

    def apply_event(self, event: AnyWatchEvent) -> None:
        """Take note of an event that some watcher published. Call it before the watch is put."""
        if isinstance(event, WatchBlinded | WatchSighted):
            self._sight.apply_event(event)
        elif isinstance(event, WatchExpired):
            self._expiries[event.watch_id] = to_ms(event.at)
        elif event.arm > self._fires.get(event.watch_id, _NEVER).arm:
            self._fires[event.watch_id] = LastFire(event.arm, to_ms(event.at))

    def put(self, loaded: LoadedWatch) -> list[Fire]:
        """Add or replace a watch, and return the fires by prices published since it was made."""
        watch = loaded.watch
        before = self._watches.get(watch.id)
        self._watches[watch.id] = loaded
        (self._closes.add if watch.condition in CLOSES else self._closes.discard)(watch.id)
        state = self._merge_state(loaded, before)
        if watch.expires_at is not None and (before is None or before.watch.expires_at != watch.expires_at):
            heapq.heappush(self._ends, (watch.expires_at, watch.id))
        return self._note_fires(self._index(watch.instrument).put(watch, state))

    def remove(self, watch_id: str) -> None:
        if loaded := self._watches.pop(watch_id, None):
            self._index(loaded.watch.instrument).remove(watch_id)
            self._closes.discard(watch_id)
            self._expiries.pop(watch_id, None)
            self._sight.forget(watch_id)

    def mark_loaded(self, time: int) -> None:
        """Take note that all changes of the table up to `time` (ms) were put or removed."""
        self._loaded_at = time

    def apply_tick(self, instrument: str, tick: Tick) -> list[Fire]:
        """Return the fires of a price."""
        return self._note_fires(self._index(instrument).apply_tick(tick, self._loaded_at))

    def expire(self, now: int) -> list[WatchExpired]:
        """Return the watches that have expired by `now` (ms) and are not published yet; each is returned once.

        A watch that was blind at its end, or whose candles before it are unchecked, may still fire: it waits.
        """
        ended = list(self._take_ended(now - EXPIRY_GRACE_MS))
        waiting = {(end, watch.id) for end, watch in ended if self._may_still_fire(watch, end, now)}
        for each in waiting:
            heapq.heappush(self._ends, each)
        return list(self._expire([(end, watch) for end, watch in ended if (end, watch.id) not in waiting]))

    def note_prices(self, rows: Iterable[WatchedPriceRecord]) -> None:
        """Take note of the last prices of all watchers."""
        for row in rows:
            self._table_prices[_instrument_of(row)] = row

    def update_sight(
        self, now: int, *, report_after: int, blind_after: int
    ) -> list[WatchBlinded | WatchSighted]:
        """Return the watches to report as blind or seeing again, by the noted prices; times in ms."""
        known_at = {instrument: row["known_at"] for instrument, row in self._table_prices.items()}
        watches = (loaded.watch for loaded in self._watches.values())
        return self._sight.update(watches, known_at, now, report_after=report_after, blind_after=blind_after)

    def find_unsaved_armings(self) -> dict[str, Arming]:
        """Return the close conditions whose arming is not in their row, by watch id."""
        armings = {}
        for watch_id in self._closes:
            loaded = self._watches[watch_id]
            armed_at = self._index(loaded.watch.instrument).state(watch_id).armed_at
            if armed_at is not None and armed_at != loaded.state.armed_at:
                armings[watch_id] = Arming(loaded.version, armed_at)
        return armings

    def mark_saved(self, watch_id: str, armed_at: int) -> None:
        """Take note that the row has this arming (ms)."""
        if loaded := self._watches.get(watch_id):
            self._watches[watch_id] = loaded._replace(state=replace(loaded.state, armed_at=armed_at))

    def set_known_prices(self, rows: Iterable[WatchedPriceRecord]) -> None:
        """Take the last prices that watchers evaluated before: the first price of each market continues from there."""
        for row in rows:
            instrument = _instrument_of(row)
            self._index(instrument).set_known(row)
            self._saved_prices[instrument] = self._table_prices[instrument] = row

    def find_checks(self, now: int) -> list[CandleCheck]:
        """Return the candles that can be checked now (ms)."""
        return [check for index in self._indexes.values() for check in index.find_checks(now)]

    def apply_candles(
        self, check: CandleCheck, closed: Sequence[Candle], unclosed: Candle | None, now: int
    ) -> list[Fire]:
        """Return the fires that closed candles show; `now` (ms) decides what is late."""
        index = self._index(check.market.instrument)
        return self._note_fires(index.apply_candles(check, closed, unclosed, now))

    def step_overdue(self, now: int) -> list[Fire]:
        """Return the fires of first prices after a silence whose candles have not come in time; `now` in ms."""
        return self._note_fires(
            [fire for index in self._indexes.values() for fire in index.step_overdue(now)]
        )

    @property
    def has_blind(self) -> bool:
        """Whether any watch is reported blind."""
        return self._sight.has_any(self._watches)

    def find_unsaved_prices(self, after_silence: int = 0) -> list[WatchedPriceRecord]:
        """Return the last price of each market with watches, where it has changed since it was returned.

        Only where it is known for `after_silence` ms longer by now.
        """
        rows = []
        for instrument, index in self._indexes.items():
            row, saved = index.find_price(), self._saved_prices.get(instrument)
            if row is None or row == saved:
                continue
            if saved is None or row["known_at"] - saved["known_at"] >= after_silence:
                self._saved_prices[instrument] = row
                rows.append(row)
        return rows

    def _index(self, instrument: str) -> WatchIndex:
        index = self._indexes.get(instrument)
        if index is None:
            index = self._indexes[instrument] = WatchIndex(self._max_silence)
        return index

    def _merge_state(self, loaded: LoadedWatch, before: LoadedWatch | None) -> WatchState:
        """Return the row's state, with the arming and the fire that the row does not have yet."""
        watch, row = loaded.watch, loaded.state
        last_fire = self._fires.get(watch.id, _NEVER)
        armed_at = row.armed_at
        if before is not None and before.watch.since == watch.since:
            now = self._index(watch.instrument).state(watch.id)
            row, armed_at = replace(row, away_at=now.away_at), now.armed_at
        if last_fire.arm <= row.fires:
            self._fires.pop(watch.id, None)
            return replace(row, armed_at=armed_at)
        # A fire that the row does not have yet: a watch that fires once is done, whatever its row contains.
        return WatchState(last_fire.arm, last_fire.traded_at, armed_at, watch.once, row.away_at)

    def _note_fires(self, fires: list[Fire]) -> list[Fire]:
        for fire in fires:
            self._fires[fire.watch.id] = LastFire(fire.arm, fire.tick.traded_at)
        return fires

    def _take_ended(self, time: int) -> Iterator[tuple[int, Watch]]:
        while self._ends and self._ends[0][0] <= time:
            expires_at, watch_id = heapq.heappop(self._ends)
            watch = self._find_expiring(watch_id, expires_at)
            if watch is not None:
                yield expires_at, watch

    def _may_still_fire(self, watch: Watch, expires_at: int, now: int) -> bool:
        index = self._index(watch.instrument)
        is_settled = index.state(watch.id).is_done or index.is_checked_until(
            expires_at, self._table_prices.get(watch.instrument)
        )
        return not is_settled and now - expires_at <= MAX_EXPIRY_DELAY_MS

    def _expire(self, ended: Iterable[tuple[int, Watch]]) -> Iterator[WatchExpired]:
        for expires_at, watch in ended:
            self._expiries[watch.id] = expires_at
            if not self._index(watch.instrument).state(watch.id).is_done:
                yield to_expiry_event(watch, expires_at)

    def _find_expiring(self, watch_id: str, expires_at: int) -> Watch | None:
        """Return the watch unless it is gone, has another end by now, or its expiry was published."""
        loaded = self._watches.get(watch_id)
        if loaded is None or loaded.watch.expires_at != expires_at:
            return None
        return None if self._expiries.get(watch_id) == expires_at else loaded.watch


def _instrument_of(row: WatchedPriceRecord) -> str:
    return instrument_key(row["exchange"], row["market_type"], row["symbol"])


_NEVER = LastFire(0, 0)
