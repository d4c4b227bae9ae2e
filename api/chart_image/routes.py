"""`/chart.png`: a level chart as a picture, for chats and notifications."""

import hashlib
from importlib.util import find_spec
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.candles.fetching import Span
from api.candles.routes import MAX_KLINES
from api.chart_image.chart import (
    DEFAULT_HEIGHT,
    DEFAULT_WIDTH,
    MAX_HEIGHT,
    MAX_WIDTH,
    MIN_HEIGHT,
    MIN_WIDTH,
    ChartStyle,
    Language,
    LevelChart,
    Theme,
)
from api.http.conditional import matches_tag
from api.http.dependencies import Dependencies, Deps
from api.http.exchange_allow_list import resolve_market
from api.http.parameters import EMPTY, MAX_TEXT, MarketTypeParam, TextParam
from api.http.problems import ProblemError, problem_responses
from api.results import queries, views
from schemas.http.candles import Kline
from schemas.http.results import ResultDetail
from schemas.market import Market

router = APIRouter(tags=["analysis"])

_DEFAULT_INTERVAL = "15m"
"""As on the chart page."""
_PICTURE: dict[str, Any] = {
    "description": "The picture.",
    "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
}


@router.get(
    "/chart.png",
    operation_id="getChartImage",
    summary="Get a level chart as a picture",
    response_class=Response,
    responses={200: _PICTURE, **problem_responses(404, 422, 502, 503)},
)
async def get_chart_image(
    request: Request,
    deps: Deps,
    symbol: Annotated[str, Query(min_length=1, max_length=MAX_TEXT, description="Symbol of the market.")],
    interval: Annotated[TextParam, Query(description="Length of a candle; `15m` by default.")] = None,
    exchange: Annotated[TextParam, Query(description="Exchange; the default exchange if absent.")] = None,
    market_type: MarketTypeParam = None,
    theme: Annotated[Theme | None, Query(description="Colours; `light` by default."), EMPTY] = None,
    language: Annotated[
        Language | None, Query(description="Language of the words; `en` by default."), EMPTY
    ] = None,
    width: Annotated[
        Annotated[int, Field(ge=MIN_WIDTH, le=MAX_WIDTH)] | None,
        Query(description=f"Width in pixels; {DEFAULT_WIDTH} by default."),
        EMPTY,
    ] = None,
    height: Annotated[
        Annotated[int, Field(ge=MIN_HEIGHT, le=MAX_HEIGHT)] | None,
        Query(description=f"Height in pixels; {DEFAULT_HEIGHT} by default."),
        EMPTY,
    ] = None,
) -> Response:
    """Draw the closed candles of a market and the levels of its newest result.

    A picture changes when a candle closes or a new result is stored. Needs the extra `plot` on the server.
    """
    if find_spec("matplotlib") is None:
        raise ProblemError(503, "pictures need matplotlib (strandline[plot]), which is not installed here")
    market = resolve_market(
        exchange, symbol, market_type or "spot", interval or _DEFAULT_INTERVAL, deps.settings
    )
    style = ChartStyle(
        theme=theme or "light",
        language=language or "en",
        width=width or DEFAULT_WIDTH,
        height=height or DEFAULT_HEIGHT,
    )
    row = await _require_row(deps, market)
    klines, _ = await deps.klines.get_klines(market, Span(MAX_KLINES))
    candles = [kline for kline in klines if kline.is_closed]
    if not candles:
        raise ProblemError(404, f"{market.key} has no closed candles")
    tag = make_picture_tag(row, candles[-1], style)
    headers = {
        "ETag": tag,
        "Cache-Control": "no-cache",
        "Content-Encoding": "identity",  # compressed already
        "Cross-Origin-Resource-Policy": "cross-origin",  # pages of chats show it
    }
    if matches_tag(", ".join(request.headers.getlist("if-none-match")), tag):
        return Response(status_code=304, headers=headers)
    picture = await deps.painter.paint(tag, build_chart(row, market), style, candles)
    return Response(picture, media_type="image/png", headers=headers)


async def _require_row(deps: Dependencies, market: Market) -> ResultDetail:
    result_id = await queries.find_result_id(deps.reader, market)
    record = await queries.get_result(deps.reader, result_id) if result_id is not None else None
    if record is None:
        raise ProblemError(
            404, f"{market.key} has no result (yet): request one with /api/v1/analysis/trigger"
        )
    return views.to_detail(record)


def make_picture_tag(row: ResultDetail, newest: Kline, style: ChartStyle) -> str:
    """Return the entity tag of a picture: equal for the same result, newest candle and style. Pure."""
    inputs = (
        f"{row.id} {row.updated_at} {row.analyzed_at} {newest.model_dump_json()} {style.model_dump_json()}"
    )
    return f'"{hashlib.sha256(inputs.encode()).hexdigest()[:24]}"'


def build_chart(row: ResultDetail, market: Market) -> LevelChart:
    """Return what to draw of a result. Pure."""
    plain = [("support", price) for price in row.support_levels]
    plain += [("resistance", price) for price in row.resistance_levels]
    return LevelChart.model_validate(
        {
            "title": f"{market.exchange} {market.market_type} {market.symbol} {market.timeframe}",
            "last_price": row.last_price,
            "levels": row.levels or (),
            "prices": () if row.levels else plain,
        }
    )
