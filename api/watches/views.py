"""Response bodies built from stored watches and fires, with the latest known price."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from api.prices.live_prices import KnownPrice
from api.prices.lookup import PriceLookup
from api.reading import open_read
from api.results.views import to_utc
from exchanges.ports import Tradable
from schemas.blindness import is_blind, known_until
from schemas.http.watches import Watch, WatchFire
from schemas.records import FireRecord, WatchedPriceRecord, WatchRecord
from schemas.values import from_ms, round_significant, to_aware_utc
from storage.watched_prices import load_watched_prices


async def to_watches(
    records: Sequence[WatchRecord],
    lookup: PriceLookup,
    engine: AsyncEngine,
    now: datetime,
    blind_after: float,
) -> list[Watch]:
    """Convert watches, each with the latest price of its market; blind are those without one for `blind_after` s.

    Raises Transient where the database is away.
    """
    markets = {_market_of(record) for record in records}
    prices = await lookup.get_prices(markets)
    async with open_read(engine) as connection:
        watched = await load_watched_prices(connection, {astuple(market) for market in markets})
    found = []
    for record in records:
        market = _market_of(record)
        seen = watched.get(astuple(market))
        blind_since = find_blind_start(record, seen, now, blind_after)
        found.append(to_watch(record, latest_price(prices.get(market), seen), blind_since))
    return found


def latest_price(found: KnownPrice | None, seen: WatchedPriceRecord | None) -> KnownPrice | None:
    """Return the later of the price that was looked up and the one that the watcher evaluated last. Pure."""
    known = [found] if found else []
    if seen is not None:
        known.append(KnownPrice(seen["price"], seen["known_at"]))
    return max(known, key=lambda price: price.at, default=None)


def find_blind_start(
    record: WatchRecord, seen: WatchedPriceRecord | None, now: datetime, after: float
) -> datetime | None:
    """Return until when the price of a blind watch is known; None for one that sees, or is not active. Pure."""
    if record["state"] != "active":
        return None
    until = known_until(seen["known_at"] if seen else None, to_aware_utc(record["since"]))
    return from_ms(until) if is_blind(until, now, after) else None


def to_watch(record: WatchRecord, price: KnownPrice | None, blind_since: datetime | None) -> Watch:
    """Convert a watch, with its distance from `price` where that is known. Pure."""
    times = {
        "expires_at": to_utc(record["expires_at"]),
        "last_fired_at": to_utc(record["last_fired_at"]),
        "created_at": to_utc(record["created_at"]),
        "updated_at": to_utc(record["updated_at"]),
    }
    last_price = price.price if price else None
    distance = round_significant((record["target"] - last_price) / last_price * 100) if last_price else None
    sight = {
        "last_price": last_price,
        "price_at": from_ms(price.at) if price else None,
        "blind": blind_since is not None,
        "blind_since": blind_since,
        "distance_pct": distance,
    }
    return Watch.model_validate(dict(record) | times | sight)


def to_fire(record: FireRecord) -> WatchFire:
    """Convert a fire."""
    return WatchFire.model_validate(dict(record) | {"at": to_utc(record["at"])})


def _market_of(record: WatchRecord) -> Tradable:
    return Tradable(record["exchange"], record["market_type"], record["symbol"])
