"""`/api/v1/levels`: levels across markets, and what happened at each."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.http.dependencies import Deps
from api.http.market_path import MarketKeyPath, parse_market_path
from api.http.parameters import (
    EMPTY,
    ExchangeParam,
    IntParam,
    MarketTypeParam,
    PositiveParam,
    ProbabilityParam,
    TextParam,
    clamp,
    limit_param,
)
from api.http.problems import ProblemError, problem_responses
from api.http.symbol_query import normalize_query
from api.levels import queries
from api.levels.question import NearQuestion
from api.levels.views import to_near_level
from schemas.events import Side
from schemas.http.levels import LevelEventList, NearLevelList
from schemas.level_events import read_level_event

MAX_NEAR = 500
_DEFAULT_NEAR = 50
MAX_EVENTS = 500
_DEFAULT_EVENTS = 100

router = APIRouter(prefix="/api/v1/levels", tags=["levels"])

LevelIdPath = Annotated[
    str,
    Path(
        max_length=64, description="Id of the level, as in `levels` of a result.", examples=["S1700000000000"]
    ),
]
WithinPctParam = Annotated[
    PositiveParam, Query(description="Largest distance from the price, in percent of it.", examples=[1.0])
]
WithinAtrParam = Annotated[
    PositiveParam, Query(description="Largest distance in mean true ranges of a candle.", examples=[0.5])
]
SideParam = Annotated[Side | None, EMPTY, Query(description="Where the level lies from the price.")]
FreshParam = Annotated[
    bool | None,
    EMPTY,
    Query(description="`true`: only levels that were not visited since their anchor; `false`: only others."),
]
MinTouchesParam = Annotated[
    IntParam, Query(description="Least number of visits, that of its anchor included.")
]
MinReachParam = Annotated[
    ProbabilityParam, Query(description="Least probability of being reached within 100 candles.")
]
TimeframeParam = Annotated[TextParam, Query(description="Length of a candle, such as `1h`.")]
QuoteParam = Annotated[TextParam, Query(description="End of the symbol, such as `USDT`.")]
NearLimitParam = Annotated[IntParam, limit_param(_DEFAULT_NEAR, MAX_NEAR)]
EventLimitParam = Annotated[IntParam, limit_param(_DEFAULT_EVENTS, MAX_EVENTS)]


async def parse_question(
    within_pct: WithinPctParam = None,
    within_atr: WithinAtrParam = None,
    side: SideParam = None,
    fresh: FreshParam = None,
    min_touches: MinTouchesParam = None,
    min_reach: MinReachParam = None,
    timeframe: TimeframeParam = None,
    exchange: ExchangeParam = None,
    market_type: MarketTypeParam = None,
    quote: QuoteParam = None,
    limit: NearLimitParam = None,
) -> NearQuestion:
    """Return the question of the parameters. Raises ProblemError for two distances."""
    if within_pct is not None and within_atr is not None:
        raise ProblemError(422, "within_pct and within_atr: give one of them")
    return NearQuestion(
        within_pct=within_pct,
        within_atr=within_atr,
        side=side,
        is_fresh=fresh,
        min_touches=min_touches,
        min_reach=min_reach,
        timeframe=timeframe,
        exchange=exchange.strip().lower() if exchange else None,
        market_type=market_type,
        quote=normalize_query(quote),
        limit=clamp(limit, default=_DEFAULT_NEAR, maximum=MAX_NEAR),
    )


Question = Annotated[NearQuestion, Depends(parse_question)]


@router.get(
    "/near",
    operation_id="listNearLevels",
    summary="List levels near the price",
    responses=problem_responses(422, 503),
)
async def list_near_levels(deps: Deps, question: Question) -> NearLevelList:
    """List published levels of all markets by their distance to the live price, the nearest first.

    With `within_atr` the distance counts in mean true ranges of a candle, otherwise in percent. A market without a live
    price has that of its analysis.
    """
    answer = await deps.near.ask(question)
    return NearLevelList(data=[to_near_level(hit) for hit in answer.hits], total=answer.total)


@router.get(
    "/{market}/{level_id}/events",
    operation_id="listLevelEvents",
    summary="List the events of a level",
    responses=problem_responses(422, 503),
)
async def list_level_events(
    deps: Deps, market: MarketKeyPath, level_id: LevelIdPath, limit: EventLimitParam = None
) -> LevelEventList:
    """List what happened at a level, the newest first, within the retention of events; empty for an unknown level."""
    key = parse_market_path(market).key
    maximum = clamp(limit, default=_DEFAULT_EVENTS, maximum=MAX_EVENTS)
    texts = await queries.list_level_events(deps.engine, key, level_id, limit=maximum)
    return LevelEventList(data=[read_level_event(text.encode()) for text in texts])
