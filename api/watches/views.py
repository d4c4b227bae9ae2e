"""Response bodies built from stored watches and fires, with the latest known price."""

from collections.abc import Sequence

from api.prices.lookup import PriceLookup
from api.results.views import to_utc
from exchanges.ports import Tradable
from schemas.http.watches import Watch, WatchFire
from schemas.records import FireRecord, WatchRecord
from schemas.values import round_significant


async def to_watches(records: Sequence[WatchRecord], lookup: PriceLookup) -> list[Watch]:
    """Convert watches, each with the latest price of its market. Raises what the lookup raises."""
    prices = await lookup.get_prices({_market_of(record) for record in records})
    return [to_watch(record, prices.get(_market_of(record))) for record in records]


def to_watch(record: WatchRecord, last_price: float | None) -> Watch:
    """Convert a watch, with its distance from `last_price` where that is known."""
    times = {
        "expires_at": to_utc(record["expires_at"]),
        "last_fired_at": to_utc(record["last_fired_at"]),
        "created_at": to_utc(record["created_at"]),
        "updated_at": to_utc(record["updated_at"]),
    }
    distance = round_significant((record["target"] - last_price) / last_price * 100) if last_price else None
    return Watch.model_validate(dict(record) | times | {"last_price": last_price, "distance_pct": distance})


def to_fire(record: FireRecord) -> WatchFire:
    """Convert a fire."""
    return WatchFire.model_validate(dict(record) | {"at": to_utc(record["at"])})


def _market_of(record: WatchRecord) -> Tradable:
    return Tradable(record["exchange"], record["market_type"], record["symbol"])
