"""Stored watches and fires as the API shows them, beside the latest price that is known."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from api.watch_queries import Place, analysed_prices
from api.watch_rules import aware
from schemas.values import rounded
from schemas.watches import Fire, Watch

_TIMES = ("expires_at", "last_fired_at", "created_at", "updated_at")


async def shown(
    engine: AsyncEngine, stored: Sequence[Mapping[str, Any]], ticked: Mapping[Place, float]
) -> list[Watch]:
    """`ticked`: the latest prices as this process heard them; what it did not hear comes from the newest rows."""
    places = {_place(one) for one in stored}
    prices = await known_prices(engine, places, ticked)
    return [watch(one, prices.get(_place(one))) for one in stored]


async def known_prices(
    engine: AsyncEngine, places: Collection[Place], ticked: Mapping[Place, float]
) -> dict[Place, float]:
    analysed = await analysed_prices(engine, [place for place in places if place not in ticked])
    return analysed | {place: ticked[place] for place in places if place in ticked}


def watch(stored: Mapping[str, Any], last_price: float | None) -> Watch:
    times = {name: aware(stored[name]) for name in _TIMES}
    distance = rounded((stored["target"] - last_price) / last_price * 100) if last_price else None
    return Watch.model_validate(dict(stored) | times | {"last_price": last_price, "distance_pct": distance})


def fire(stored: Mapping[str, Any]) -> Fire:
    return Fire.model_validate(dict(stored) | {"at": aware(stored["at"])})


def _place(stored: Mapping[str, Any]) -> Place:
    return stored["exchange"], stored["market_type"], stored["symbol"]
