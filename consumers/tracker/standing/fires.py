"""Build the fires of standing watches. Pure."""

from collections.abc import Sequence

from consumers.tracker.live import Tick
from consumers.tracker.standing.matrix import LoadedStandingWatch, MembershipStep
from schemas.records import StandingMemberRecord
from schemas.values import from_ms
from schemas.watch_events import WatchFired
from schemas.watches import NEAR, NearbyLevel, standing_fire_id

MAX_OTHERS = 50
"""Levels that a fire names besides its first."""


def to_member(step: MembershipStep, instrument: str, tick: Tick) -> StandingMemberRecord:
    """Return the row of a level that has entered."""
    placed = step.placed
    entry = NearbyLevel(
        market=placed.market, level_id=placed.level.level_id, target=placed.level.price, price=tick.price
    )
    return {
        "watch_id": step.watch.id,
        "market": placed.market.key,
        "level_id": placed.level.level_id,
        "instrument": instrument,
        "entered_at": tick.traded_at,
        "is_inside": True,
        "entry": entry.model_dump_json(),
        "fire_id": None,
    }


def name_fire(rows: Sequence[StandingMemberRecord]) -> str:
    """Return the id of the fire for rows of one watch; one that was given before stays."""
    given = next((row["fire_id"] for row in rows if row["fire_id"]), None)
    members = [(row["market"], row["level_id"], row["entered_at"]) for row in rows]
    return given or standing_fire_id(rows[0]["watch_id"], members)


def build_fire(watch: LoadedStandingWatch, fire_id: str, rows: Sequence[StandingMemberRecord]) -> WatchFired:
    """Return one event for all rows: that of the level that entered first, which names the others."""
    ordered = sorted(rows, key=lambda row: (row["entered_at"], row["market"], row["level_id"]))
    first, *others = [NearbyLevel.model_validate_json(row["entry"] or "") for row in ordered]
    return WatchFired(
        fire_id=fire_id,
        watch_id=watch.id,
        exchange=first.market.exchange,
        market_type=first.market.market_type,
        symbol=first.market.symbol,
        timeframe=first.market.timeframe,
        condition=NEAR,
        target=first.target,
        price=first.price,
        side="long" if first.target <= first.price else "short",
        at=from_ms(ordered[0]["entered_at"]),
        level_id=first.level_id,
        note=watch.name,
        delivery=watch.delivery,
        others=tuple(others[:MAX_OTHERS]),
        others_total=len(others),
    )
