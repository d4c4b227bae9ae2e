"""What a new or changed standing watch is stored as. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from api.levels.question import NearHit, NearQuestion
from schemas.http.standing import StandingWatchBody, StandingWatchPatch
from schemas.records import StandingMemberRecord, StandingWatchRecord
from schemas.values import to_ms, to_naive_utc
from schemas.watches import StandingQuestion


def build_standing_watch(body: StandingWatchBody, watch_id: str, now: datetime) -> StandingWatchRecord:
    """Return the row of a new watch."""
    created = to_naive_utc(now)
    return {
        "id": watch_id,
        "name": body.name,
        "question": body.question.model_dump(mode="json", exclude_none=True),
        "delivery": body.delivery.to_stored() if body.delivery else None,
        "state": "active",
        "version": 1,
        "created_at": created,
        "updated_at": created,
    }


def find_standing_changes(body: StandingWatchPatch) -> dict[str, Any]:
    """Return the columns to change."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if delivery := changes.get("delivery"):
        changes["delivery"] = delivery.to_stored()
    return changes


def to_near_question(question: StandingQuestion, limit: int) -> NearQuestion:
    """Return the question to the index that has the same answer."""
    return NearQuestion(
        within_pct=question.within_pct,
        within_atr=question.within_atr,
        side=question.side,
        is_fresh=question.fresh,
        min_touches=question.min_touches,
        timeframe=question.timeframe,
        exchange=question.exchange,
        market_type=question.market_type,
        quote=question.quote,
        instruments=None if question.markets is None else frozenset(question.markets),
        limit=limit,
    )


def to_members(watch_id: str, hits: Sequence[NearHit], now: datetime) -> list[StandingMemberRecord]:
    """Return the levels that are near already: they fire once they have been away."""
    return [
        {
            "watch_id": watch_id,
            "market": hit.level.market.key,
            "level_id": hit.level.level_id,
            "instrument": hit.level.market.instrument,
            "entered_at": to_ms(now),
            "is_inside": True,
            "entry": None,
            "fire_id": None,
        }
        for hit in hits
    ]
