"""Published levels as the index stores them. Pure."""

from api.levels.level_index import LevelIndex, ResultVersion
from api.levels.question import StoredLevel
from schemas.events import AnalysisCompleted, Level
from schemas.http.results import ResultDetail
from schemas.market import Market, MarketType, candle_end
from schemas.values import to_ms


def put_event(index: LevelIndex, event: AnalysisCompleted) -> None:
    """Put a result from the topic."""
    version = ResultVersion(to_ms(event.candle_at), event.analyzed_at)
    stored = [to_stored(event.market, level, event.last_price, version.candle_at) for level in event.levels]
    index.put(event.market, version, event.last_price, stored)


def put_row(index: LevelIndex, row: ResultDetail) -> None:
    """Put a row of the table; one that another backend has written has no levels of ours. Raises InvalidMarket."""
    if row.levels is None or row.candle_at is None or row.analyzed_at is None:
        return
    market_type: MarketType = "future" if row.market_type == "future" else "spot"
    market = Market.of(row.exchange, row.symbol, market_type, row.timeframe)
    version = ResultVersion(to_ms(row.candle_at), row.analyzed_at)
    stored = [to_stored(market, level, row.last_price, version.candle_at) for level in row.levels]
    index.put(market, version, row.last_price, stored)


def to_stored(market: Market, level: Level, last_price: float, candle_at: int) -> StoredLevel:
    """Return what is kept of a level that was published with `last_price`, of candles up to `candle_at` (ms)."""
    return StoredLevel(
        market,
        level.level_id,
        level.origin_side,
        level.price,
        level.low,
        level.high,
        level.score,
        level.touches,
        level.bounces,
        level.breaks,
        level.p_reach_24,
        level.p_reach_100,
        level.p_hold,
        level.placebo,
        find_atr(level, last_price),
        to_ms(level.first_touch_at),
        to_ms(level.last_touch_at),
        candle_end(candle_at, market.timeframe),
    )


def find_atr(level: Level, last_price: float) -> float | None:
    """Return the mean true range, as a fraction of price, behind the distance of a level; None if it is not known."""
    if not level.distance_atr or last_price <= 0:
        return None
    return (max(level.price / last_price, last_price / level.price) - 1.0) / level.distance_atr
