"""Judges watches by the exchange's candles of a minute: each crossing that they show is told once, and no other. Pure.

A naive oracle beside the watcher's own decisions. Within a candle the order of its extremes is not known, so a minute
shows a crossing for certain, possibly, or not at all.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from exchanges.ports import Candle
from schemas.watches import CLOSES, Condition

MINUTE_MS = 60_000
_DEFERRED_MS = 6 * MINUTE_MS
"""The first price after a silence fires by itself if candles do not come in time: so much later than the crossing."""

MAX_BLIND_EXCESS = 0.05
"""Of the time that watches are active: so much longer than prices were away, and no more, may they be blind."""
MAX_EXCUSED_SHARE = 0.01
"""Of the crossings that candles demand: blindness explains a missing fire, but is no way to tell fewer."""

_ROUNDING = 1e-9

Evidence = Literal["certain", "possible", "none"]


class JudgedWatch(NamedTuple):
    """A watch, active from `since` to `until` (ms), without a cooldown. Its close condition is of minutes."""

    id: str
    symbol: str
    condition: Condition
    target: float
    once: bool
    since: int
    until: int = 10**15


class LostCrossing(NamedTuple):
    """A crossing in the minute of `time` (ms) that no fire tells."""

    watch_id: str
    symbol: str
    condition: Condition
    target: float
    time: int

    def to_text(self) -> str:
        return f"{self.watch_id} {self.symbol} {self.condition} {self.target} at {self.time}"


class RecordedFire(NamedTuple):
    """A fire as recorded; `at` in ms. `price` None: unknown, and not judged."""

    fire_id: str
    watch_id: str
    at: int
    late: bool = False
    price: float | None = None


class BlindTime(NamedTuple):
    """From `start` to `end` (ms) the watches of `symbol` were blind, as they themselves report."""

    symbol: str
    start: int
    end: int


@dataclass(slots=True)
class CrossingLedger:
    """What candles demand, and what became of it.

    blind      crossings without a fire in a minute in which the watch reports that it was blind
    blind_ms   for how long watches report to be blind, of the `active_ms` in which they were active
    away_share of the time, prices were really away
    deferred   crossings told at the time of a price minutes later, the first after a silence
    lost       crossings without a fire
    unfounded  fires without a crossing
    misdated   fires at a price that the candle of their minute does not have
    repeated   watches that fire once, with several fires
    untold     fires that the receiver does not have
    """

    watches: int = 0
    demanded: int = 0
    fires: int = 0
    late: int = 0
    deliveries: int = 0
    deferred: int = 0
    blind_ms: int = 0
    active_ms: int = 0
    away_share: float = 0.0
    blind: list[LostCrossing] = field(default_factory=list)
    lost: list[LostCrossing] = field(default_factory=list)
    unfounded: list[str] = field(default_factory=list)
    misdated: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        counts = {
            "crossings without a fire": [each.to_text() for each in self.lost],
            "fires without a crossing": self.unfounded,
            "fires at a price outside the candle of their minute": self.misdated,
            "watches with more than their one fire": self.repeated,
            "fires not delivered": self.untold,
        }
        found = [f"{len(found)} {what}: {', '.join(found[:5])}" for what, found in counts.items() if found]
        if self.blind_share > self.away_share + MAX_BLIND_EXCESS:
            found.append(
                f"watches were blind for {self.blind_share:.0%} of the time, prices away for {self.away_share:.0%}"
            )
        if len(self.blind) > MAX_EXCUSED_SHARE * self.demanded:
            found.append(f"{len(self.blind)} crossings without a fire, explained by blindness alone")
        return found

    @property
    def blind_share(self) -> float:
        return self.blind_ms / self.active_ms if self.active_ms else 0.0

    def to_text(self) -> str:
        repeats = self.deliveries - (self.fires - len(self.untold))
        return (
            f"{self.watches} watches; {self.demanded} crossings demanded, {len(self.lost)} lost, "
            f"{len(self.blind)} while blind ({self.blind_share:.0%} of the time, "
            f"prices away for {self.away_share:.0%}), {self.deferred} at a later price; {self.fires} fires, "
            f"{self.late} late, {len(self.unfounded)} unfounded, {len(self.misdated)} misdated, "
            f"{len(self.repeated)} repeated; "
            f"{len(self.untold)} not delivered, {repeats} delivered more than once; "
            f"{'; '.join(self.violations) or 'kept'}"
        )


def judge_crossings(
    watches: Sequence[JudgedWatch],
    candles: Mapping[str, Sequence[Candle]],
    fires: Sequence[RecordedFire],
    delivered: Mapping[str, int],
    until: int,
    blindness: Sequence[BlindTime] = (),
    away_share: float = 0.0,
) -> CrossingLedger:
    """Judge the whole minutes from the one after each watch was made to `until` (ms), and all fires.

    `candles` has those of each symbol without a gap, from the minute before its first watch was made. `blindness`: when
    watches report to be blind. `away_share`: of the time, prices were away.
    """
    blind_times: dict[str, list[BlindTime]] = {}
    for blind in blindness:
        blind_times.setdefault(blind.symbol, []).append(blind)
    by_watch: dict[str, list[RecordedFire]] = {}
    for fire in {fire.fire_id: fire for fire in fires}.values():
        by_watch.setdefault(fire.watch_id, []).append(fire)
    ledger = CrossingLedger(len(watches), fires=len({fire.fire_id for fire in fires}), away_share=away_share)
    ledger.late = sum(fire.late for each in by_watch.values() for fire in each)
    for watch in watches:
        mine = sorted(by_watch.get(watch.id, []), key=lambda fire: fire.at)
        ledger.unfounded += [f"{fire.fire_id} after the end" for fire in mine if fire.at >= watch.until]
        judge = _judge_closes if watch.condition in CLOSES else _judge_touches
        judge(ledger, watch, candles[watch.symbol], mine, min(until, _to_minute(watch.until)))
        ledger.misdated += _find_misdated(mine, candles[watch.symbol], until)
        _excuse_blind(ledger, watch, blind_times.get(watch.symbol, ()), until)
    ledger.untold = [
        fire.fire_id for each in by_watch.values() for fire in each if fire.fire_id not in delivered
    ]
    ledger.deliveries = sum(Counter(delivered).values())
    return ledger


def _find_misdated(fires: Iterable[RecordedFire], candles: Sequence[Candle], until: int) -> Iterator[str]:
    by_time = {candle.time: candle for candle in candles if candle.time < until}
    for fire in fires:
        candle = by_time.get(_to_minute(fire.at))
        if candle is None or fire.price is None:
            continue
        if not candle.low * (1 - _ROUNDING) <= fire.price <= candle.high * (1 + _ROUNDING):
            yield f"{fire.fire_id} at {fire.price} of {candle.low} to {candle.high} at {fire.at}"


def _excuse_blind(
    ledger: CrossingLedger, watch: JudgedWatch, blind_times: Sequence[BlindTime], until: int
) -> None:
    """Move the crossings that `watch` has lost in minutes in which it was blind, and count for how long it was."""
    end = max(watch.since, min(until, watch.until))
    ledger.active_ms += end - watch.since
    seen_until = watch.since
    for each in sorted(blind_times, key=lambda blind: blind.start):
        ledger.blind_ms += max(0, min(end, each.end) - max(seen_until, each.start))
        seen_until = max(seen_until, each.end)
    for crossing in [each for each in ledger.lost if each.watch_id == watch.id]:
        if any(each.start < crossing.time + MINUTE_MS and crossing.time < each.end for each in blind_times):
            ledger.lost.remove(crossing)
            ledger.blind.append(crossing)


def find_evidence(watch: JudgedWatch, before: float, candle: Candle) -> Evidence:
    """Return what a candle after a price of `before` shows about a touch or a cross."""
    target, opened = watch.target, candle.open
    low, high = min(before, candle.low), max(before, candle.high)
    is_up = (
        before < target <= candle.high
        or opened < target <= candle.high
        or candle.low < target <= candle.close
    )
    is_down = (
        before > target >= candle.low or opened > target >= candle.low or candle.high > target >= candle.close
    )
    may_be_up, may_be_down = low < target <= high, low <= target < high
    certain = {"touch": is_up or is_down, "cross_up": is_up, "cross_down": is_down}[watch.condition]
    possible = {"touch": may_be_up or may_be_down, "cross_up": may_be_up, "cross_down": may_be_down}
    return "certain" if certain else "possible" if possible[watch.condition] else "none"


def _judge_touches(
    ledger: CrossingLedger,
    watch: JudgedWatch,
    candles: Sequence[Candle],
    fires: Sequence[RecordedFire],
    until: int,
) -> None:
    evidence = dict(_collect_evidence(watch, candles))
    certain = [time for time, each in evidence.items() if each == "certain" and watch.since <= time < until]
    times = [fire.at for fire in fires]
    if watch.once:
        demanded = certain[:1]
        if len(fires) > 1:
            ledger.repeated.append(watch.id)
    else:
        demanded = certain
    ledger.demanded += len(demanded)
    for time in demanded:
        if (watch.once and fires) or _has_between(times, time, time + 2 * MINUTE_MS):
            continue
        if _has_between(times, time, time + _DEFERRED_MS):
            ledger.deferred += 1
        else:
            ledger.lost.append(_to_lost(watch, time))
    for fire in fires:
        minute = _to_minute(fire.at)
        around = (evidence.get(minute - k * MINUTE_MS, "none") for k in range(_DEFERRED_MS // MINUTE_MS))
        if minute < until and all(each == "none" for each in around):
            ledger.unfounded.append(
                f"{fire.fire_id} of {watch.id} {watch.condition} {watch.target} at {fire.at}"
            )


def _collect_evidence(watch: JudgedWatch, candles: Sequence[Candle]) -> Iterator[tuple[int, Evidence]]:
    for before, candle in pairwise(candles):
        evidence = find_evidence(watch, before.close, candle)
        is_whole = candle.time >= watch.since
        yield candle.time, evidence if is_whole or evidence == "none" else "possible"


def _judge_closes(
    ledger: CrossingLedger,
    watch: JudgedWatch,
    candles: Sequence[Candle],
    fires: Sequence[RecordedFire],
    until: int,
) -> None:
    """A close beyond fires if price was not beyond since the last fire, or since the watch was made."""
    fired = {_to_minute(fire.at) for fire in fires}
    if len(fired) < len(fires) or (watch.once and len(fires) > 1):
        ledger.repeated.append(watch.id)
    ledger.unfounded += [
        f"{fire.fire_id} before the watch was made" for fire in fires if fire.at < watch.since
    ]
    is_armed = False
    for candle in candles:
        if candle.time + MINUTE_MS <= watch.since or candle.time >= until:
            continue
        is_partial = candle.time < watch.since
        is_armed = is_armed or (not is_partial and not _is_beyond(_far_end(watch, candle), watch))
        is_met, is_fired = _is_beyond(candle.close, watch), candle.time in fired
        if is_met and is_armed:
            ledger.demanded += 1
            if not is_fired:
                ledger.lost.append(_to_lost(watch, candle.time))
        elif is_fired and not is_met:
            ledger.unfounded.append(_to_lost(watch, candle.time).to_text())
        if is_fired:
            is_armed = False
            if watch.once:
                return


def _to_lost(watch: JudgedWatch, time: int) -> LostCrossing:
    return LostCrossing(watch.id, watch.symbol, watch.condition, watch.target, time)


def _far_end(watch: JudgedWatch, candle: Candle) -> float:
    return candle.low if watch.condition == "close_above" else candle.high


def _is_beyond(price: float, watch: JudgedWatch) -> bool:
    return price > watch.target if watch.condition == "close_above" else price < watch.target


def _has_between(times: Sequence[int], start: int, end: int) -> bool:
    first = bisect_left(times, start)
    return first < len(times) and times[first] < end


def _to_minute(time: int) -> int:
    return time - time % MINUTE_MS
