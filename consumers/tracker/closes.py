"""What a result shows about the levels of its market: the state after its close, and the events before it. Pure."""

from collections.abc import Collection
from typing import NamedTuple

from consumers.tracker.events import CloseEvents
from consumers.tracker.live import OpenEvent
from consumers.tracker.market_state import MarketState
from consumers.tracker.proximity import is_away, is_near
from levels.lifecycle import TrackedLevel, diff
from schemas.events import AnalysisCompleted, Level
from schemas.level_events import AnyLevelEvent
from schemas.market import TIMEFRAMES
from schemas.values import to_ms


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
    near = _find_near(known.near, result.levels)
    due = [event for event in open_events if event.candle_at <= candle_at]
    approached = near - known.near | near & {event.level_id for event in due if event.kind == "approached"}
    closing = CloseEvents(result)
    events = [closing.from_change(change) for change in changes]
    events += [closing.build_approached(level) for level in result.levels if level.level_id in approached]
    confirmed = {(event.type, event.level_id) for event in events}
    events += [
        closing.build_withdrawn(event, known.levels[event.level_id])
        for event in due
        if (event.kind, event.level_id) not in confirmed and event.level_id in known.levels
    ]
    return Close(MarketState(candle_at, levels, near, _find_atr(result)), events)


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


def _find_near(before: frozenset[str], levels: tuple[Level, ...]) -> frozenset[str]:
    return frozenset(
        level.level_id
        for level in levels
        if is_near(level.distance_pct, level.distance_atr)
        or (level.level_id in before and not is_away(level.distance_pct, level.distance_atr))
    )
