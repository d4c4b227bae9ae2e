"""Moves rows on at closes that changed none of their levels."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Update, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.candles.unchanged import AnalysisUnchanged
from schemas.tables import analysis_results
from schemas.values import to_ms, to_naive_utc

_R = analysis_results.c


def latest_closes(events: Iterable[AnalysisUnchanged]) -> list[AnalysisUnchanged]:
    """Return the latest close of each market, sorted as results are: writers that lock in one order do not deadlock.
    Pure."""
    latest = {event.market.key: event for event in sorted(events, key=lambda event: event.candle_at)}
    return sorted(latest.values(), key=_key_columns)


async def move_on(connection: AsyncConnection, events: Sequence[AnalysisUnchanged], now: datetime) -> None:
    """Give the rows of these markets the candle, price and time of the close.

    A row is left as it is if it has another result than the one whose levels were found again: a later one, one that
    another analyzer made, or an earlier one, while the event of that result is still on its way.
    """
    if events:
        await connection.execute(_MOVE_ON, [_to_parameters(event, now) for event in events])


def _build_update() -> Update:
    return (
        update(analysis_results)
        .where(
            _R.exchange == bindparam("of_exchange"),
            _R.symbol == bindparam("of_symbol"),
            _R.market_type == bindparam("of_market_type"),
            _R.timeframe == bindparam("of_timeframe"),
            _R.request_id == bindparam("of_request_id"),
            _R.candle_at < bindparam("closed"),
        )
        .values(
            candle_at=bindparam("closed"),
            analyzed_at=bindparam("analyzed"),
            last_price=bindparam("price"),
            input_limit=bindparam("candles"),
            updated_at=bindparam("written"),
        )
    )


_MOVE_ON = _build_update()


def _to_parameters(event: AnalysisUnchanged, now: datetime) -> dict[str, object]:
    market = event.market
    return {
        "of_exchange": market.exchange,
        "of_symbol": market.symbol,
        "of_market_type": market.market_type,
        "of_timeframe": market.timeframe,
        "of_request_id": event.levels_request_id,
        "closed": to_ms(event.candle_at),
        "analyzed": to_naive_utc(event.analyzed_at),
        "price": event.last_price,
        "candles": event.input_limit,
        "written": to_naive_utc(now).replace(microsecond=0),
    }


def _key_columns(event: AnalysisUnchanged) -> tuple[str, str, str, str]:
    market = event.market
    return market.exchange, market.symbol, market.market_type, market.timeframe
