"""`/api/v1/analysis`: the newest levels of every market, and asking for new ones."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import queries, rows
from api.dependencies import Deps
from api.examples import AskedFor
from api.parameters import MOST_PAGE_SIZE, PAGE_SIZE, Moment, Whole, Words, clamped
from api.problems import Refused, described
from api.security import WRITER
from api.submission import submit
from api.symbols import searched
from api.waiting import LONGEST_WAIT, ended
from schemas.views import Ended, OneResult, PublicationsPage, Queued, ResultsPage

router = APIRouter(prefix="/api/v1/analysis", tags=["analysis"])


@router.get("/results", responses=described(422, 503))
async def results(
    deps: Deps,
    symbol: Words = None,
    exchange: Words = None,
    market_type: Words = None,
    timeframe: Words = None,
    page: Whole = None,
    page_size: Annotated[Whole, Query(alias="pageSize")] = None,
) -> ResultsPage:
    """One page of results. `symbol` matches any part, case and `/` ignored; an exact match first, then the newest."""
    page = max(page or 1, 1)
    size = clamped(page_size, default=PAGE_SIZE, most=MOST_PAGE_SIZE)
    wanted = queries.Wanted(searched(symbol), exchange, market_type, timeframe)
    found, total = await queries.results(deps.engine, wanted, offset=(page - 1) * size, limit=size)
    return ResultsPage(
        data=rows.rows(found), total=total, page=page, pageSize=size, totalPages=-(-total // size)
    )


@router.get("/{result_id}", responses=described(404, 422, 503))
async def result(deps: Deps, result_id: int, at: Moment = None) -> OneResult:
    """One result, with its levels: the newest, or as it was published `at` a time."""
    stored = await _stored(deps, result_id)
    if at is None:
        return OneResult(data=rows.row_with_levels(stored))
    market = rows.market_key(stored)
    published = await queries.publication(deps.engine, market, at) if market is not None else None
    if published is None:
        raise Refused(404, f"of result {result_id} nothing is kept that was published by {at.isoformat()}")
    return OneResult(data=rows.row_as_published(stored, published))


@router.get("/{result_id}/history", responses=described(404, 422, 503))
async def history(
    deps: Deps,
    result_id: int,
    page: Whole = None,
    page_size: Annotated[Whole, Query(alias="pageSize")] = None,
) -> PublicationsPage:
    """What was published of this result's market, the newest first, as long as it is kept."""
    market = rows.market_key(await _stored(deps, result_id))
    page = max(page or 1, 1)
    size = clamped(page_size, default=PAGE_SIZE, most=MOST_PAGE_SIZE)
    found, total = (
        await queries.publications(deps.engine, market, offset=(page - 1) * size, limit=size)
        if market is not None
        else ([], 0)
    )
    return PublicationsPage(
        data=[rows.publication(one) for one in found],
        total=total,
        page=page,
        pageSize=size,
        totalPages=-(-total // size),
    )


async def _stored(deps: Deps, result_id: int) -> queries.Stored:
    stored = await queries.result(deps.engine, result_id)
    if stored is None:
        raise Refused(404, f"no result has the id {result_id}")
    return stored


@router.post(
    "/trigger",
    status_code=202,
    dependencies=[WRITER],
    responses={
        200: {"model": Ended, "description": "It ended while you waited."},
        **described(401, 413, 422, 503),
    },
)
async def trigger(
    deps: Deps,
    http: Request,
    response: Response,
    body: AskedFor,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="seconds to wait for its end")] = 0,
) -> Queued | Ended:
    """Ask for an analysis; it is done in the background. Sending a `request_id` twice is safe."""
    requested = await submit(body, deps, http)
    if wait and (end := await ended(requested.request_id, wait, deps)):
        response.status_code = 200
        return end
    return Queued(request_id=requested.request_id, status="queued")
