"""`/api/v1/fires`: the fires of all watches since a cursor, for clients that were away."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.fires import queries
from api.fires.cursor import FireCursor, settle
from api.http.dependencies import Deps
from api.http.parameters import IntParam, TextParam, clamp, limit_param
from api.http.problems import problem_responses
from api.results.views import to_utc
from schemas.http.fires import FireList, MarketFire
from schemas.records import FireRecord
from schemas.values import to_naive_utc

MAX_FIRES = 500
_DEFAULT_FIRES = 100

router = APIRouter(prefix="/api/v1/fires", tags=["watches"])

AfterParam = Annotated[
    TextParam, Query(description="Cursor of an earlier response; without it no fires are listed.")
]
FireLimitParam = Annotated[IntParam, limit_param(_DEFAULT_FIRES, MAX_FIRES)]


@router.get(
    "", operation_id="listFires", summary="List fires since a cursor", responses=problem_responses(422, 503)
)
async def list_fires(deps: Deps, after: AfterParam = None, limit: FireLimitParam = None) -> FireList:
    """List the fires of all watches recorded after a cursor, the oldest first; without `after`, only a cursor.

    Those of standing watches are among them, with the condition `near`.
    """
    now = to_naive_utc(deps.clock.now())
    if after is None:
        return FireList(
            data=[], cursor=str(settle(now, await queries.find_newest_time(deps.engine))), has_more=False
        )
    maximum = clamp(limit, default=_DEFAULT_FIRES, maximum=MAX_FIRES)
    records, newest = await queries.list_fires_after(deps.engine, FireCursor.parse(after), limit=maximum)
    has_more = len(records) == maximum
    cursor = _position(records[-1]) if has_more else settle(now, newest)
    return FireList(data=[_to_fire(record) for record in records], cursor=str(cursor), has_more=has_more)


def _position(record: FireRecord) -> FireCursor:
    return FireCursor(record["recorded_at"], record["fire_id"])


def _to_fire(record: FireRecord) -> MarketFire:
    return MarketFire.model_validate(dict(record) | {"at": to_utc(record["at"])})
