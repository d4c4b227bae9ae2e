"""`/api/v1/levels`: levels across markets, and what happened at each."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.http.dependencies import Deps
from api.http.market_path import MarketKeyPath, parse_market_path
from api.http.parameters import IntParam, clamp, limit_param
from api.http.problems import problem_responses
from api.levels import queries
from schemas.http.levels import LevelEventList
from schemas.level_events import read_level_event

MAX_EVENTS = 500
_DEFAULT_EVENTS = 100

router = APIRouter(prefix="/api/v1/levels", tags=["levels"])

LevelIdPath = Annotated[
    str,
    Path(
        max_length=64, description="Id of the level, as in `levels` of a result.", examples=["S1700000000000"]
    ),
]
EventLimitParam = Annotated[IntParam, limit_param(_DEFAULT_EVENTS, MAX_EVENTS)]


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
