"""What a watch becomes when somebody makes or changes one. Pure, told the time."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.http.problems import Refused
from schemas.events import Level
from schemas.http.watches import WatchBody, WatchPatch
from schemas.market import Market
from schemas.values import to_aware_utc, to_naive_utc
from schemas.watches import CLOSES

COOLDOWN = 60
"""Seconds: without it a price that trembles at its target would be told of at every tick."""


def new_row(body: WatchBody, market: Market, level: Level | None, now: datetime) -> dict[str, Any]:
    """A row for `watches`; `level` is the one that it is bound to. Raises Refused (422)."""
    _still_to_come(body.expires_at, now)
    bound = level is not None
    return {
        "id": str(uuid.uuid4()),
        "client_key": body.client_key,
        "requested": asked(body, market),
        "exchange": market.exchange,
        "market_type": market.market_type,
        "symbol": market.symbol,
        "timeframe": market.timeframe if bound or body.condition in CLOSES else None,
        "condition": body.condition,
        "target": body.target if level is None or body.target is not None else level.price,
        "side": body.side,
        "level_id": body.level_id,
        "level_price": level.price if level else None,
        "level_low": level.low if level else None,
        "level_high": level.high if level else None,
        "on_move": (body.on_move or "follow") if bound else None,
        "repeat": body.repeat,
        "cooldown_seconds": _cooldown(body),
        "expires_at": to_naive_utc(body.expires_at) if body.expires_at else None,
        "note": body.note,
        "state": "active",
        "since": to_naive_utc(now),
        "fires": 0,
        "version": 1,
        "created_at": to_naive_utc(now),
        "updated_at": to_naive_utc(now),
    }


def asked(body: WatchBody, market: Market) -> str:
    """Equal for bodies that ask for the same watch, however they write its symbol."""
    meant = body.model_dump(mode="json") | market.model_dump()
    return hashlib.sha256(json.dumps(meant, sort_keys=True).encode()).hexdigest()


def changes(stored: Mapping[str, Any], patch: WatchPatch, now: datetime) -> dict[str, Any]:
    """The columns that `patch` changes in a row; none where all is so already. Raises Refused: 422, or 409."""
    given = patch.get_changes()
    expires_at = stored["expires_at"] and to_aware_utc(stored["expires_at"])
    if "expires_at" in given:
        expires_at = given["expires_at"]
        _still_to_come(expires_at, now)
    elif given.get("state") == "active" and expires_at is not None and expires_at <= now:
        raise Refused(422, "the end of this watch has passed: give a later expires_at too, or null for none")
    if given.get("state") == "paused" and stored["state"] not in {"active", "paused"}:
        raise Refused(409, f"this watch is {stored['state']}: only one at work can be paused")
    if "expires_at" in given:
        given["expires_at"] = to_naive_utc(expires_at) if expires_at else None
    if given.get("condition") in CLOSES and stored["timeframe"] is None:
        given["timeframe"] = WatchBody.model_fields["timeframe"].default
    if given.get("repeat") == "always" and stored["repeat"] == "once" and not stored["cooldown_seconds"]:
        given.setdefault("cooldown_seconds", COOLDOWN)
    given = {name: value for name, value in given.items() if stored[name] != value}
    if given.keys() & {"target", "condition", "state"}:
        # What it was armed for was another target, or another time.
        given |= {"armed_at": None, "since": to_naive_utc(now)}
    return given


def _cooldown(body: WatchBody) -> int:
    if body.cooldown_seconds is not None:
        return body.cooldown_seconds
    return COOLDOWN if body.repeat == "always" else 0


def _still_to_come(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise Refused(422, "expires_at: has passed already")
