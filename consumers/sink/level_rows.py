"""What an event does to the row of its level. Pure.

A row follows the confirmed events of its level in the order of candles. An event of an earlier candle than the row's is
a repeat, or comes from a tracker that woke late: it changes nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from schemas.level_events import (
    AnyLevelEvent,
    LevelAppeared,
    LevelApproached,
    LevelBounced,
    LevelBroke,
    LevelRetired,
    LevelTouched,
)
from schemas.records import LevelRecord
from schemas.values import to_ms, to_naive_utc

LevelKey = tuple[str, str]
"""Market key and level id."""


def level_key(event: AnyLevelEvent) -> LevelKey:
    return event.market.key, event.level_id


def apply_events(
    rows: Mapping[LevelKey, LevelRecord], events: Iterable[AnyLevelEvent], now: datetime
) -> dict[LevelKey, LevelRecord]:
    """Return the rows that `events`, in the order of their topic, change."""
    changed: dict[LevelKey, LevelRecord] = {}
    for event in events:
        key = level_key(event)
        row = apply_event(changed.get(key) or rows.get(key), event, now)
        if row is not None:
            changed[key] = row
    return changed


def apply_event(row: LevelRecord | None, event: AnyLevelEvent, now: datetime) -> LevelRecord | None:
    """Return the row after `event`; None where it changes nothing, as for a level whose appearance is not known."""
    if isinstance(event, LevelApproached) or (isinstance(event, LevelTouched) and event.stage != "confirmed"):
        return None
    if row is not None and to_ms(event.candle_at) < row["candle_at"]:
        return None
    if isinstance(event, LevelAppeared):
        return _to_row(event, now)
    if row is None:
        return None
    changed: LevelRecord = {
        **row,
        "side": event.side,
        "candle_at": to_ms(event.candle_at),
        "updated_at": to_naive_utc(now),
    }
    if isinstance(event, LevelTouched):
        changed |= {
            "touches": event.touches,
            "last_touch_at": to_ms(event.last_touch_at),
            "state": "touched",
        }
    elif isinstance(event, LevelBounced):
        changed |= {"bounces": event.bounces, "state": "held"}
    elif isinstance(event, LevelBroke):
        changed |= {"breaks": event.breaks, "state": "broken"}
    elif isinstance(event, LevelRetired):
        changed["state"] = "retired"
    return changed


def _to_row(event: LevelAppeared, now: datetime) -> LevelRecord:
    market, candle_at = event.market, to_ms(event.candle_at)
    return {
        "market": market.key,
        "level_id": event.level_id,
        "exchange": market.exchange,
        "market_type": market.market_type,
        "symbol": market.symbol,
        "timeframe": market.timeframe,
        "side": event.side,
        "origin_side": event.origin_side,
        "price": event.price,
        "low": event.low,
        "high": event.high,
        "score": event.score,
        "p_reach_100": event.p_reach_100,
        "touches": event.touches,
        "bounces": event.bounces,
        "breaks": event.breaks,
        "first_touch_at": to_ms(event.first_touch_at),
        "last_touch_at": to_ms(event.last_touch_at),
        "state": "fresh" if event.touches <= 1 else "tested",
        "appeared_at": candle_at,
        "candle_at": candle_at,
        "updated_at": to_naive_utc(now),
    }
