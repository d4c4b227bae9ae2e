"""Stored watches and fires as the API shows them, beside the latest price that is known."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.prices.board import Place
from api.prices.lookup import KnownPrices
from schemas.http.watches import Watch, WatchFire
from schemas.values import round_significant, to_aware_utc

_TIMES = ("expires_at", "last_fired_at", "created_at", "updated_at")


async def shown(stored: Sequence[Mapping[str, Any]], known: KnownPrices) -> list[Watch]:
    """Each with the latest price that is known."""
    prices = await known.of({_place(one) for one in stored})
    return [watch(one, prices.get(_place(one))) for one in stored]


def watch(stored: Mapping[str, Any], last_price: float | None) -> Watch:
    times = {name: stored[name] and to_aware_utc(stored[name]) for name in _TIMES}
    distance = round_significant((stored["target"] - last_price) / last_price * 100) if last_price else None
    return Watch.model_validate(dict(stored) | times | {"last_price": last_price, "distance_pct": distance})


def fire(stored: Mapping[str, Any]) -> WatchFire:
    return WatchFire.model_validate(dict(stored) | {"at": to_aware_utc(stored["at"])})


def _place(stored: Mapping[str, Any]) -> Place:
    return stored["exchange"], stored["market_type"], stored["symbol"]
