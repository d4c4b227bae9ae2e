"""The last prices that watches were evaluated with, and the watches that are blind by them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.blindness import blind_cutoff
from schemas.records import WatchedPriceRecord, to_record
from schemas.tables import watched_prices, watches
from schemas.values import from_ms, to_naive_utc

_P = watched_prices.c
_W = watches.c
_CHUNK_SIZE = 500
"""Markets of one statement."""

_VALUES = ("price", "traded_at", "known_at", "unchecked_from")

_IS_ACTIVE = and_(_W.state == "active", _W.deleted_at.is_(None))
_IS_PRICE_OF_WATCH = and_(
    _P.exchange == _W.exchange, _P.market_type == _W.market_type, _P.symbol == _W.symbol
)

MarketName = tuple[str, str, str]
"""Exchange, market type, symbol."""


class BlindCount(NamedTuple):
    """The number of active watches, and of those that are blind."""

    watches: int
    blind: int


class BlindMarket(NamedTuple):
    """A market with blind watches. `known_at` (ms): until when its price is known; None for never."""

    exchange: str
    market_type: str
    symbol: str
    blind: int
    known_at: int | None


async def load_watched_prices(
    connection: AsyncConnection, markets: Collection[MarketName]
) -> dict[MarketName, WatchedPriceRecord]:
    """Return the rows of these markets; those without one are omitted."""
    names, found = sorted(markets), {}
    key = tuple_(_P.exchange, _P.market_type, _P.symbol)
    for start in range(0, len(names), _CHUNK_SIZE):
        query = select(watched_prices).where(key.in_(names[start : start + _CHUNK_SIZE]))
        for row in await connection.execute(query):
            found[row.exchange, row.market_type, row.symbol] = to_record(row, WatchedPriceRecord)
    return found


async def store_watched_prices(connection: AsyncConnection, rows: Collection[WatchedPriceRecord]) -> None:
    """Insert or replace these rows in the caller's transaction, sorted, so that two writers lock in the same order."""
    ordered = sorted(rows, key=lambda row: (row["exchange"], row["market_type"], row["symbol"]))
    for start in range(0, len(ordered), _CHUNK_SIZE):
        chunk = ordered[start : start + _CHUNK_SIZE]
        await connection.execute(_upsert(connection.dialect.name).values([dict(row) for row in chunk]))


async def count_blind(connection: AsyncConnection, now: datetime, after: float) -> BlindCount:
    """Return how many active watches there are, and how many have no price for `after` seconds."""
    total = select(func.count()).select_from(watches).where(_IS_ACTIVE)
    blind = _select_blind(func.count(), now=now, after=after)
    number, number_blind = [(await connection.execute(each)).scalar_one() for each in (total, blind)]
    return BlindCount(number, number_blind)


async def list_blind_markets(
    connection: AsyncConnection, now: datetime, after: float, *, limit: int
) -> list[BlindMarket]:
    """Return the markets with blind watches, those without a price for longest first."""
    market = (_W.exchange, _W.market_type, _W.symbol)
    query = _select_blind(*market, func.count(), func.max(_P.known_at), now=now, after=after)
    query = query.group_by(*market).order_by(func.coalesce(func.max(_P.known_at), 0), _W.symbol).limit(limit)
    return [BlindMarket._make(row) for row in await connection.execute(query)]


def _upsert(dialect: str) -> mysql.Insert | sqlite.Insert:
    if dialect == "mysql":
        new = mysql.insert(watched_prices)
        return new.on_duplicate_key_update({name: new.inserted[name] for name in _VALUES})
    other = sqlite.insert(watched_prices)
    return other.on_conflict_do_update(set_={name: other.excluded[name] for name in _VALUES})


def _select_blind(*columns: ColumnElement[Any], now: datetime, after: float) -> Select[Any]:
    """Select `columns` of the active watches whose price is not known at the cutoff, nor were they made since."""
    cutoff = blind_cutoff(now, after)
    joined = watches.outerjoin(watched_prices, _IS_PRICE_OF_WATCH)
    return (
        select(*columns)
        .select_from(joined)
        .where(
            _IS_ACTIVE,
            _W.since < to_naive_utc(from_ms(cutoff)),
            or_(_P.known_at.is_(None), _P.known_at < cutoff),
        )
    )
