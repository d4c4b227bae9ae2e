"""What the HTTP API answers. A *row* is one market's newest analysis."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from schemas.events import Level
from schemas.market import MarketType
from schemas.values import Time

JobStatus = Literal["queued", "completed", "failed"]


_MARKET = {"exchange": "binance", "symbol": "BTCUSDT", "market_type": "spot"}
_ROW = {
    "id": 7,
    **_MARKET,
    "timeframe": "1h",
    "input_limit": 1999,
    "support_levels": [64000.5, 63120.0],
    "resistance_levels": [66010.0],
    "last_price": 65432.1,
    "created_at": "2026-11-20T08:00:03Z",
    "updated_at": "2026-11-22T12:00:04Z",
    "candle_at": "2026-11-22T11:00:00Z",
    "analyzed_at": "2026-11-22T12:00:03.512000Z",
    "request_id": "my-7",
    "algorithm": "strandline/1",
}
_NEAREST = {
    "support": {
        "price": 64000.5,
        "distance_pct": 2.18792305919,
        "score": 5.28,
        "touches": 14,
        "level_id": "s-1794744000000",
        "first_touch_at": "2026-11-15T12:00:00Z",
    },
    "resistance": {
        "price": 66010.0,
        "distance_pct": 0.8832,
        "score": 4.54,
        "touches": 6,
        "level_id": "r-1794916800000",
        "first_touch_at": "2026-11-17T12:00:00Z",
    },
}
_CANDLE = {
    "timestamp": 1795345200000,
    "open": 65400.0,
    "high": 65510.5,
    "low": 65310.0,
    "close": 65432.1,
    "volume": 812.44,
    "is_closed": True,
}


class View(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


def _example(**value: Any) -> ConfigDict:
    return ConfigDict(frozen=True, from_attributes=True, json_schema_extra={"examples": [value]})


class Row(View):
    """The columns that other backends know, then ours. Prices are JSON numbers, levels best first."""

    model_config = _example(**_ROW)

    id: int
    exchange: str
    symbol: str
    market_type: str
    timeframe: str
    input_limit: int
    support_levels: list[float]
    resistance_levels: list[float]
    last_price: float
    created_at: Time
    updated_at: Time
    candle_at: Time | None = None
    analyzed_at: Time | None = None
    request_id: str | None = None
    algorithm: str | None = None


class RowWithLevels(Row):
    levels: list[Level] | None = None


class NearestLevel(View):
    """`distance_pct`: from the last price, in percent of it, never negative.

    What follows it is None where the row was written by a backend that knows only prices.
    """

    price: float
    distance_pct: float
    score: float | None = None
    touches: int | None = None
    level_id: str | None = None
    first_touch_at: Time | None = None


class Nearest(View):
    """The levels on both sides of the last price that are nearest to it; None where that side has none."""

    support: NearestLevel | None = None
    resistance: NearestLevel | None = None


class ListedRow(Row):
    model_config = _example(**_ROW, nearest=_NEAREST)

    nearest: Nearest


class ResultsPage(View):
    model_config = _example(data=[_ROW | {"nearest": _NEAREST}], total=1, page=1, pageSize=10, totalPages=1)

    data: list[ListedRow]
    total: int
    page: int
    pageSize: int  # noqa: N815 (the name that existing front ends read)
    totalPages: int  # noqa: N815


class OneResult(View):
    data: RowWithLevels


class Publication(View):
    """What was said of a market, when, and from what: the same candles and parameters give the same levels again.

    `recorded_at` is when it was written down; `input_limit` how many closed candles were analysed.
    """

    candle_at: Time
    analyzed_at: Time
    recorded_at: Time
    input_limit: int
    last_price: float
    support_levels: list[float]
    resistance_levels: list[float]
    levels: list[Level] | None
    request_id: str
    algorithm: str
    params_hash: str
    candles_hash: str


class PublicationsPage(View):
    """The newest first, counted by `analyzed_at`."""

    data: list[Publication]
    total: int
    page: int
    pageSize: int  # noqa: N815 (as ResultsPage has it)
    totalPages: int  # noqa: N815


class Queued(View):
    model_config = _example(request_id="my-7", status="queued")

    request_id: str
    status: JobStatus


class Ended(View):
    """A request that ended while the caller waited; `result` is its row where it completed."""

    request_id: str
    status: JobStatus
    reason: str | None = None
    message: str | None = None
    result: RowWithLevels | None = None


class Job(View):
    model_config = _example(
        request_id="my-7",
        status="completed",
        reason=None,
        message=None,
        market="binance:spot:BTCUSDT:1h",
        queued_at="2026-11-22T12:00:00Z",
        ended_at="2026-11-22T12:00:03.512000Z",
        result_id=7,
    )

    request_id: str
    status: JobStatus
    reason: str | None = None
    message: str | None = None
    market: str | None = None
    queued_at: Time | None = None
    ended_at: Time | None = None
    result_id: int | None = None


class Jobs(View):
    data: list[Job]


class Accepted(View):
    """The answer that callers of the first analysis service know; `message` is read by people."""

    model_config = _example(
        status="accepted",
        message="分析任务已提交: BTCUSDT",
        symbol="BTCUSDT",
        timeframe="1h",
        request_id="0b6a3a44-3f5e-4f0e-9d7e-0d9f4c2b7a11",
    )

    status: Literal["accepted"] = "accepted"
    message: str
    symbol: str
    timeframe: str
    request_id: str


class Candle(View):
    """`timestamp` is the open time in ms."""

    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    is_closed: bool


class Klines(View):
    model_config = _example(success=True, data=[_CANDLE], count=1, cached=False, **_MARKET, interval="1h")

    success: Literal[True] = True
    data: list[Candle]
    count: int
    cached: bool
    exchange: str
    symbol: str
    market_type: MarketType
    interval: str


class Exchanges(View):
    """`data` are those that may be asked for; prices of the `simulated` ones are made up."""

    model_config = _example(data=["sim"], default="sim", simulated=["sim"])

    data: list[str]
    default: str
    simulated: list[str]


class TradableMarket(View):
    """What an exchange offers, whatever the timeframe; `volume` is that of 24 hours, in the quote currency."""

    exchange: str
    market_type: MarketType
    symbol: str
    volume: float | None = None


class Markets(View):
    """`data` is bounded; `total` is how many there are."""

    data: list[TradableMarket]
    total: int


class Health(View):
    status: Literal["ok"] = "ok"
    version: str
    database: bool
    broker: bool


class Problem(View):
    """RFC 9457; `error` repeats `detail` for older clients."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "no result has the id 99",
                    "error": "no result has the id 99",
                }
            ]
        },
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    error: str
    request_id: str | None = None


def problem(status: int, title: str, detail: str, **more: Any) -> dict[str, Any]:
    """A problem document as JSON; what is None is left out."""
    document = Problem(status=status, title=title, detail=detail, error=detail, **more)
    return document.model_dump(mode="json", exclude_none=True)
