"""What the HTTP API answers. A *row* is one market's newest analysis."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from schemas.events import Level
from schemas.market import MarketType
from schemas.values import Time

JobStatus = Literal["queued", "completed", "failed"]


class View(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Row(View):
    """The columns that other backends know, then ours. Prices are JSON numbers, levels best first."""

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


class ResultsPage(View):
    model_config = ConfigDict(frozen=True, populate_by_name=True)

    data: list[Row]
    total: int
    page: int
    pageSize: int  # noqa: N815 (the name that existing front ends read)
    totalPages: int  # noqa: N815


class OneResult(View):
    data: RowWithLevels


class Queued(View):
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
    success: Literal[True] = True
    data: list[Candle]
    count: int
    cached: bool
    exchange: str
    symbol: str
    market_type: MarketType
    interval: str


class TradableMarket(View):
    """What an exchange offers, whatever the timeframe."""

    exchange: str
    market_type: MarketType
    symbol: str


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

    model_config = ConfigDict(frozen=True, extra="allow")

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
