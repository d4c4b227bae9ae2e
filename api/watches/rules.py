"""The row of a new watch, and what a change does to it. Pure."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from api.http.problems import ProblemError
from schemas.events import Level
from schemas.http.watches import WatchBody, WatchPatch, find_distance_error
from schemas.market import Market, MarketType
from schemas.records import WatchRecord
from schemas.values import to_naive_utc
from schemas.watch_events import Direction
from schemas.watches import CLOSES, Condition, OnMove, Repeat, WatchStatus

DEFAULT_COOLDOWN = 60
"""Seconds: without a cooldown a price that oscillates around its target would fire at every tick."""


class NewWatch(TypedDict):
    """The columns of `watches` that an insertion sets."""

    id: str
    client_key: str | None
    requested: str
    exchange: str
    market_type: MarketType
    symbol: str
    timeframe: str | None
    condition: Condition
    target: float | None
    side: Direction
    level_id: str | None
    level_price: float | None
    level_low: float | None
    level_high: float | None
    on_move: OnMove | None
    repeat: Repeat
    cooldown_seconds: int
    expires_at: datetime | None
    note: str | None
    delivery: dict[str, Any] | None
    state: WatchStatus
    since: datetime
    fires: int
    version: int
    created_at: datetime
    updated_at: datetime
    within_pct: float | None
    within_atr: float | None
    atr: float | None


def build_watch(
    body: WatchBody, market: Market, level: Level | None, now: datetime, atr: float | None = None
) -> NewWatch:
    """Return the row of a new watch; `level` is the one that it is bound to. Raises ProblemError (422).

    `atr`: the mean true range of a candle of the market, needed for a distance that counts in it.
    """
    _check_expiry(body.expires_at, now)
    bound = level is not None
    target = body.target if level is None or body.target is not None else level.price
    _check_range(body.within_atr, atr, target, market.key)
    has_timeframe = bound or body.condition in CLOSES or body.within_atr is not None
    return {
        "id": str(uuid.uuid4()),
        "client_key": body.client_key,
        "requested": hash_body(body, market),
        "exchange": market.exchange,
        "market_type": market.market_type,
        "symbol": market.symbol,
        "timeframe": market.timeframe if has_timeframe else None,
        "condition": body.condition,
        "target": target,
        "side": body.side,
        "level_id": body.level_id,
        "level_price": level.price if level else None,
        "level_low": level.low if level else None,
        "level_high": level.high if level else None,
        "on_move": (body.on_move or "follow") if bound else None,
        "repeat": body.repeat,
        "cooldown_seconds": _resolve_cooldown(body),
        "expires_at": to_naive_utc(body.expires_at) if body.expires_at else None,
        "note": body.note,
        "delivery": body.delivery.to_stored() if body.delivery else None,
        "state": "active",
        "since": to_naive_utc(now),
        "fires": 0,
        "version": 1,
        "created_at": to_naive_utc(now),
        "updated_at": to_naive_utc(now),
        "within_pct": body.within_pct,
        "within_atr": body.within_atr,
        "atr": atr if body.within_atr is not None else None,
    }


def hash_body(body: WatchBody, market: Market) -> str:
    """Return a hash that is equal for bodies of the same watch, whatever the spelling of their symbol."""
    content = body.model_dump(mode="json") | market.model_dump()
    for name in ("delivery", "within_pct", "within_atr"):
        if content[name] is None:
            del content[name]  # so that bodies from before this field keep their hash
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def find_changes(
    record: WatchRecord, patch: WatchPatch, now: datetime, atr: float | None = None
) -> dict[str, Any]:
    """Return the columns of a watch that `patch` changes, with their new values. Raises ProblemError (422, 409).

    `atr`: as in `build_watch`.
    """
    changes = patch.get_changes()
    _check_changes(record, changes, now)
    changes |= _find_distance_changes(record, changes, atr)
    if expires_at := changes.get("expires_at"):
        changes["expires_at"] = to_naive_utc(expires_at)
    if delivery := changes.get("delivery"):
        changes["delivery"] = delivery.to_stored()
    needs_timeframe = changes.get("condition") in CLOSES or changes.get("within_atr") is not None
    if needs_timeframe and record["timeframe"] is None:
        changes["timeframe"] = WatchBody.model_fields["timeframe"].default
    if changes.get("repeat") == "always" and record["repeat"] == "once" and not record["cooldown_seconds"]:
        changes.setdefault("cooldown_seconds", DEFAULT_COOLDOWN)
    stored: dict[str, Any] = dict(record)
    changes = {name: value for name, value in changes.items() if stored[name] != value}
    if needs_restart(record["state"], changes):
        changes["state"] = "active"
    if changes.get("state") == "active":
        _check_not_expired(changes.get("expires_at", record["expires_at"]), now)
    if changes.keys() & {"target", "condition", "within_pct", "within_atr", "state"}:
        # The watch was armed for another target, or at another time.
        changes |= {"armed_at": None, "since": to_naive_utc(now)}
    return changes


def _find_distance_changes(
    record: WatchRecord, changes: Mapping[str, Any], atr: float | None
) -> dict[str, Any]:
    """Return the columns of the distance after `changes`: a new one replaces the other kind. Raises ProblemError."""
    condition = changes.get("condition", record["condition"])
    sent = {name: changes[name] for name in ("within_pct", "within_atr") if name in changes}
    if condition != "approach" and not sent:
        return dict.fromkeys(("within_pct", "within_atr", "atr"))
    kept = {} if sent else {name: record[name] for name in ("within_pct", "within_atr")}
    distance = {"within_pct": None, "within_atr": None} | kept | sent
    if error := find_distance_error(condition, distance["within_pct"], distance["within_atr"]):
        raise ProblemError(422, error)
    if "within_atr" not in sent:
        return distance | {"atr": record["atr"] if distance["within_atr"] is not None else None}
    _check_range(sent["within_atr"], atr, changes.get("target", record["target"]), record["symbol"])
    return distance | {"atr": atr}


def _check_range(within_atr: float | None, atr: float | None, target: float | None, market: str) -> None:
    """Raises ProblemError (422) for a distance in ranges that are not known, and for one that reaches down to 0."""
    if within_atr is None:
        return
    if atr is None:
        raise ProblemError(
            422,
            f"within_atr: the mean true range of {market} is not known: request its analysis first, or give within_pct",
        )
    if target is not None and within_atr * atr >= target:
        raise ProblemError(
            422, f"within_atr: {within_atr:g} ranges of {atr:.6g} are not below the target: give fewer"
        )


def needs_restart(state: WatchStatus, changes: Mapping[str, Any]) -> bool:
    """Return whether `changes` would have no effect on a watch that has ended, unless it becomes active again. Pure."""
    match state:
        case "fired":
            return bool(changes.keys() & {"target", "condition"}) or changes.get("repeat") == "always"
        case "expired":
            return bool(changes.keys() & {"target", "condition", "expires_at"})
        case "cancelled":
            return bool(changes.keys() & {"target", "condition"})
        case "active" | "paused":
            return False


def _check_changes(record: WatchRecord, changes: Mapping[str, Any], now: datetime) -> None:
    _check_expiry(changes.get("expires_at"), now)
    if "on_move" in changes and record["level_id"] is None:
        raise ProblemError(422, "on_move: this watch is bound to no level")
    if changes.get("state") == "paused" and record["state"] not in {"active", "paused"}:
        raise ProblemError(409, f"this watch is {record['state']}: only an active watch can be paused")


def _check_not_expired(expires_at: datetime | None, now: datetime) -> None:
    """Raises ProblemError (422) for a watch that would expire at once; `expires_at` is naive, UTC."""
    if expires_at is not None and expires_at <= to_naive_utc(now):
        raise ProblemError(
            422,
            "this watch has expired: send a later expires_at as well, or null for a watch that never expires",
        )


def _resolve_cooldown(body: WatchBody) -> int:
    if body.cooldown_seconds is not None:
        return body.cooldown_seconds
    return DEFAULT_COOLDOWN if body.repeat == "always" else 0


def _check_expiry(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise ProblemError(422, "expires_at: must be in the future")
