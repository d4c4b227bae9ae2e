"""`/api/v1/export`: levels as they were known at each close, as a file."""

import asyncio
from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.export.formats import HISTORY_CANDLES, MEDIA_TYPES, Format
from api.export.process import ExportJob, run_export
from api.export.publications import read_first_publications
from api.http.dependencies import Deps
from api.http.exchange_allow_list import resolve_exchange
from api.http.market_path import parse_market_path
from api.http.parameters import MAX_TEXT, TimeParam
from api.http.problems import ProblemError, problem_responses
from runtime.errors import Transient
from schemas.market import TIMEFRAMES, Market
from schemas.values import Time, to_ms

MAX_CLOSES = 20_000
"""In one call: some 15 s of CPU."""

_FETCH_TIMEOUT = 60.0
_RETRY_AFTER = 10.0

router = APIRouter(prefix="/api/v1/export", tags=["analysis"])

_FILE: dict[str, Any] = {
    "description": "The file: a row for each level known at each close.",
    "content": {
        kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for kind in MEDIA_TYPES.values()
    },
}


async def _take_slot(deps: Deps) -> AsyncIterator[None]:
    if deps.exports.locked():
        raise ProblemError(
            503, "another export is running in this process: try again", retry_after=_RETRY_AFTER
        )
    async with deps.exports:
        yield


@router.get(
    "",
    operation_id="exportLevels",
    summary="Export levels as they were known",
    response_class=StreamingResponse,
    dependencies=[Depends(_take_slot)],
    responses={200: _FILE, **problem_responses(404, 422, 502, 503)},
)
async def export_levels(
    deps: Deps,
    market: Annotated[
        str,
        Query(
            max_length=MAX_TEXT,
            description="Market key: `exchange:market_type:symbol:timeframe`.",
            examples=["binance:spot:BTCUSDT:1h"],
        ),
    ],
    start: Annotated[Time, Query(alias="from", description="Open time of the first candle.")],
    end: Annotated[
        TimeParam, Query(alias="to", description="Candles opened before this time; now if absent.")
    ] = None,
    format_: Annotated[
        Format, Query(alias="format", description="Format of the file; `csv` if absent.")
    ] = "csv",
) -> StreamingResponse:
    """Export the levels that were known at each close of a market, for backtests without look-ahead.

    A row is a level at a close (`known_from`): as it was published, where the history has that, else as an analysis of
    the 2,000 candles until then finds it (`source`). At most 20,000 closes in one call.
    """
    named = parse_market_path(market)
    resolve_exchange(named.exchange, deps.settings)
    now_ms = to_ms(deps.clock.now())
    start_ms, stop_ms = to_ms(start), min(now_ms, to_ms(end) if end is not None else now_ms)
    _check_span(named, start_ms, stop_ms)
    if format_ != "csv" and find_spec("pyarrow") is None:
        raise ProblemError(
            422, f"format: {format_} needs pyarrow (strandline[arrow]), which is not installed here: use csv"
        )
    try:
        # Imported here: a role that exports nothing does not load numpy.
        from api.export.candle_range import fetch_range  # noqa: PLC0415

        async with asyncio.timeout(_FETCH_TIMEOUT):
            candles, first = await fetch_range(
                deps.candles, named, start_ms, stop_ms, history=HISTORY_CANDLES - 1
            )
    except TimeoutError as error:
        raise Transient(f"{named.exchange} did not send the candles within {_FETCH_TIMEOUT:g} s") from error
    published = read_first_publications(deps.reader, named.key, start_ms, stop_ms)
    name = f"{named.key.replace(':', '_')}.{format_}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    if format_ != "csv":
        headers["Content-Encoding"] = "identity"  # compressed already
    job = ExportJob(candles, first, named.timeframe, format_)
    return StreamingResponse(run_export(job, published), media_type=MEDIA_TYPES[format_], headers=headers)


def _check_span(market: Market, start_ms: int, stop_ms: int) -> None:
    """Raises ProblemError (422) for an empty span, and for one of too many candles."""
    closes = (stop_ms - start_ms) // TIMEFRAMES[market.timeframe]
    if closes < 1:
        raise ProblemError(422, f"from, to: no candle of {market.timeframe} opens and closes in this span")
    if closes > MAX_CLOSES:
        raise ProblemError(
            422,
            f"from, to: {closes} candles of {market.timeframe}, at most {MAX_CLOSES} in one call: "
            f"split the span into {-(-closes // MAX_CLOSES)}, or use strandline replay-levels",
        )
