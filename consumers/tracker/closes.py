"""What a result shows about the levels of its market: the state after its close, and the events before it. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from consumers.tracker.events import CloseEvents, to_distance_pct
from consumers.tracker.live import OpenEvent
from consumers.tracker.market_state import MarketState
from consumers.tracker.proximity import is_away, is_near
from levels.lifecycle import TrackedLevel, diff
from schemas.candles.levels_hash import hash_levels
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, Level
from schemas.level_events import AnyLevelEvent
from schemas.market import TIMEFRAMES
from schemas.values import to_ms


class Distance(NamedTuple):
    """Of a level from the last price: in percent of it, and in mean true ranges of a candle, if they are known."""

    pct: float
    atr: float | None


class Close(NamedTuple):
    """The state of a market after a close, and the events that lead there."""

    state: MarketState
    events: list[AnyLevelEvent]


def apply_result(
    state: MarketState | None, result: AnalysisCompleted, open_events: Collection[OpenEvent] = ()
) -> Close | None:
    """Return the close that `result` shows; None for a result of a candle that was seen, or of an earlier one.

    `open_events`: the live ones that no close has resolved; those of this candle or earlier are confirmed or withdrawn.
    Of several results of one candle the first that is read counts: the others are of the same closed candles, and
    differ in the price of the unclosed one only.
    """
    candle_at = to_ms(result.candle_at)
    if state is not None and candle_at <= state.candle_at:
        return None
    known = state or MarketState(0)
    levels = {level.level_id: to_tracked(level) for level in result.levels}
    oldest = candle_at - (result.input_limit - 1) * TIMEFRAMES[result.market.timeframe]
    changes = diff(known.levels.values(), levels.values(), last_price=result.last_price, oldest_candle=oldest)
    distances = {level.level_id: Distance(level.distance_pct, level.distance_atr) for level in result.levels}
    near = _find_near(known.near, distances)
    closing = CloseEvents(result)
    events = [closing.from_change(change) for change in changes]
    after = MarketState(candle_at, levels, near, _find_atr(result))
    return Close(after, events + _resolve(known, after, closing, events, distances, open_events))


def apply_unchanged(
    state: MarketState | None, close: AnalysisUnchanged, open_events: Collection[OpenEvent] = ()
) -> Close | None:
    """Return the close that changed no level; None as `apply_result`, or if the state has other levels.

    The state's levels are compared, not the id of its result: of several analyzers of a market each repeats its own.
    """
    candle_at = to_ms(close.candle_at)
    if state is None or candle_at <= state.candle_at or state.candle_at < to_ms(close.levels_at):
        return None
    if hash_levels(state.levels.values()) != close.levels_hash:
        return None
    distances = {
        name: _measure_distance(level.price, close.last_price, state.atr)
        for name, level in state.levels.items()
    }
    near = _find_near(state.near, distances)
    after = MarketState(candle_at, state.levels, near, state.atr)
    return Close(after, _resolve(state, after, CloseEvents(close), [], distances, open_events))


def _resolve(
    before: MarketState,
    after: MarketState,
    closing: CloseEvents,
    events: Collection[AnyLevelEvent],
    distances: Mapping[str, Distance],
    open_events: Collection[OpenEvent],
) -> list[AnyLevelEvent]:
    """Return what price approached, and which live events this close does not confirm; `events`: its others."""
    due = [event for event in open_events if event.candle_at <= after.candle_at]
    reached = {event.level_id for event in due if event.kind == "approached"}
    approached = after.near - before.near | after.near & reached
    found: list[AnyLevelEvent] = [
        closing.build_approached(level, distances[name].pct)
        for name, level in after.levels.items()
        if name in approached
    ]
    confirmed = {(event.type, event.level_id) for event in (*events, *found)}
    found += [
        closing.build_withdrawn(event, before.levels[event.level_id])
        for event in due
        if (event.kind, event.level_id) not in confirmed and event.level_id in before.levels
    ]
    return found


def to_tracked(level: Level) -> TrackedLevel:
    """Return the fields of a published level that folding restores."""
    return TrackedLevel(
        level.level_id,
        level.side,
        level.origin_side,
        level.price,
        level.low,
        level.high,
        level.touches,
        level.bounces,
        level.breaks,
        to_ms(level.first_touch_at),
        to_ms(level.last_touch_at),
    )


def _find_atr(result: AnalysisCompleted) -> float | None:
    """Return the mean true range behind the levels' distances, as a fraction of price."""
    for level in result.levels:
        if level.distance_atr and level.price != result.last_price:
            ratio = max(level.price / result.last_price, result.last_price / level.price)
            return (ratio - 1.0) / level.distance_atr
    return None


def _measure_distance(price: float, last_price: float, atr: float | None) -> Distance:
    ratio = max(price / last_price, last_price / price)
    return Distance(to_distance_pct(price, last_price), (ratio - 1.0) / atr if atr else None)


def _find_near(before: frozenset[str], distances: Mapping[str, Distance]) -> frozenset[str]:
    return frozenset(
        name
        for name, distance in distances.items()
        if is_near(*distance) or (name in before and not is_away(*distance))
    )
