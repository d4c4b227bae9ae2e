"""For TradingView: a Pine script of a market's levels, and a datafeed for its charting library (UDF).

The shapes of `/udf` are those of
https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF/, so they are not in the OpenAPI document.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse

from api.candles.fetching import Span
from api.http.dependencies import Dependencies, Deps
from api.http.exchange_allow_list import resolve_exchange
from api.http.market_path import MarketKeyPath, parse_market_path
from api.http.parameters import MAX_TEXT
from api.http.problems import ProblemError, problem_responses
from api.http.symbol_query import normalize_query
from api.markets.matching import find_matches
from api.markets.tradables import load_tradables
from api.results import queries, views
from api.tradingview.errors import DatafeedRoute
from api.tradingview.marks import list_marks
from api.tradingview.pine import write_script
from api.tradingview.symbols import (
    RESOLUTIONS,
    describe_match,
    describe_symbol,
    parse_resolution,
    parse_ticker,
)
from runtime.errors import Transient
from schemas.http.markets import TradableMarket
from schemas.http.results import ResultDetail
from schemas.market import TIMEFRAMES, Market

MAX_BARS = 2_000
_PRICED_BARS = 20
_DEFAULT_MATCHES = 30
_MAX_MATCHES = 200
_ALL = {"value": "", "name": "All"}
_MAX_SECONDS = 253_402_300_800

router = APIRouter(prefix="/udf", include_in_schema=False, route_class=DatafeedRoute)
pine_router = APIRouter(prefix="/api/v1/analysis", tags=["analysis"])

SymbolParam = Annotated[str, Query(min_length=1, max_length=MAX_TEXT)]
Seconds = Annotated[int, Query(ge=0, lt=_MAX_SECONDS)]


@pine_router.get(
    "/by-market/{market}/pine",
    operation_id="getPineScript",
    summary="Get a market's levels as a Pine script",
    response_class=PlainTextResponse,
    responses=problem_responses(404, 422, 503),
)
async def get_pine_script(deps: Deps, market: MarketKeyPath) -> PlainTextResponse:
    """Return an indicator for TradingView that draws the present levels of a market."""
    named = parse_market_path(market)
    row = await _find_row(deps, named)
    if row is None:
        raise ProblemError(404, f"{named.key} has no result (yet): request one with /api/v1/analysis/trigger")
    return PlainTextResponse(write_script(row))


@router.get("/config")
async def get_config(deps: Deps) -> dict[str, Any]:
    """Return what this datafeed offers. The adapter demands a search, or lists of all symbols in advance."""
    exchanges = deps.settings.exchanges
    return {
        "supported_resolutions": list(RESOLUTIONS),
        "supports_group_request": False,
        "supports_marks": True,
        "supports_search": True,
        "supports_timescale_marks": False,
        "supports_time": True,
        # An empty value is the filter that lets everything pass.
        "exchanges": [
            _ALL | {"desc": ""},
            *({"value": name, "name": name, "desc": name} for name in exchanges),
        ],
        "symbols_types": [_ALL, *({"value": kind, "name": kind} for kind in ("spot", "future"))],
    }


@router.get("/time")
async def get_time(deps: Deps) -> Response:
    """Return the time in seconds, as text."""
    return PlainTextResponse(str(int(deps.clock.now().timestamp())))


@router.get("/search")
async def search_symbols(
    deps: Deps,
    query: Annotated[str, Query(max_length=MAX_TEXT)] = "",
    market_type: Annotated[str, Query(alias="type", max_length=MAX_TEXT)] = "",
    exchange: Annotated[str, Query(max_length=MAX_TEXT)] = "",
    limit: Annotated[int, Query(ge=1)] = _DEFAULT_MATCHES,
) -> list[dict[str, Any]]:
    """Return markets whose symbol has the text, best match first; an empty filter lets all pass."""
    names = [resolve_exchange(exchange, deps.settings)] if exchange else deps.settings.exchanges
    offered = await _load_offered(deps, names)
    text = normalize_query(query.rpartition(":")[2]) or ""
    matches = find_matches(offered, text, market_type or None)
    return [describe_match(market) for market in matches[: min(limit, _MAX_MATCHES)]]


async def _load_offered(deps: Dependencies, exchanges: Sequence[str]) -> list[TradableMarket]:
    """Return the markets of all exchanges that answer. Raises Transient where none does."""
    answers = await asyncio.gather(
        *(load_tradables(deps, name) for name in exchanges), return_exceptions=True
    )
    failed = [answer for answer in answers if isinstance(answer, BaseException)]
    for error in failed:
        if not isinstance(error, Transient) or len(failed) == len(answers):
            raise error
    return [market for answer in answers if not isinstance(answer, BaseException) for market in answer]


@router.get("/symbols")
async def get_symbol(deps: Deps, symbol: SymbolParam) -> dict[str, Any]:
    """Return a symbol, which the exchange must know."""
    market = parse_ticker(symbol, "1h", deps.settings)
    bars, _ = await deps.klines.get_klines(market, Span(_PRICED_BARS))
    return describe_symbol(market, [price for bar in bars for price in (bar.high, bar.low, bar.close)])


@router.get("/history")
async def list_bars(
    deps: Deps,
    symbol: SymbolParam,
    resolution: str,
    end: Annotated[Seconds, Query(alias="to")],
    start: Annotated[Seconds, Query(alias="from")] = 0,
    countback: Annotated[int | None, Query(ge=1)] = None,
) -> dict[str, Any]:
    """Return bars before `to`: `countback` of them, or those from `from` on."""
    timeframe = parse_resolution(resolution)
    market = parse_ticker(symbol, timeframe, deps.settings)
    count = countback or (end - start) * 1_000 // TIMEFRAMES[timeframe] + 1
    span = Span(max(1, min(count, MAX_BARS)), before=end * 1_000)
    bars, _ = await deps.klines.get_klines(market, span)
    if not countback:
        bars = [bar for bar in bars if bar.timestamp >= start * 1_000]
    if not bars:
        return {"s": "no_data"}
    columns = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}
    return {
        "s": "ok",
        "t": [bar.timestamp // 1_000 for bar in bars],
        **{name: [getattr(bar, field) for bar in bars] for name, field in columns.items()},
    }


@router.get("/marks")
async def list_level_marks(
    deps: Deps,
    symbol: SymbolParam,
    resolution: str,
    start: Annotated[Seconds, Query(alias="from")],
    end: Annotated[Seconds, Query(alias="to")],
) -> list[dict[str, Any]]:
    """Return marks where the market's levels were touched first and last; none without a result."""
    market = parse_ticker(symbol, parse_resolution(resolution), deps.settings)
    row = await _find_row(deps, market)
    return list_marks((row.levels or []) if row is not None else [], start, end)


async def _find_row(deps: Dependencies, market: Market) -> ResultDetail | None:
    result_id = await queries.find_result_id(deps.reader, market)
    record = await queries.get_result(deps.reader, result_id) if result_id is not None else None
    return views.to_detail(record) if record is not None else None
