"""`/api/v1/analysis`: the newest levels of every market, and asking for new ones."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access.security import ENQUEUER
from api.http.cached_responses import listed, of_row
from api.http.dependencies import Dependencies, Deps
from api.http.examples import AskedFor
from api.http.paging import paging
from api.http.parameters import Moment, Whole, Words
from api.http.problems import Refused, described
from api.http.symbol_query import searched
from api.requests.submission import submit
from api.requests.waiting import LONGEST_WAIT, ended
from api.results import queries, rows
from schemas.http.jobs import JobAccepted, JobOutcome
from schemas.http.results import PublicationPage, ResultPage, ResultResponse

router = APIRouter(prefix="/api/v1/analysis", tags=["analysis"])


@router.get("/results", response_model=ResultPage, responses=described(422, 503))
async def results(
    deps: Deps,
    symbol: Words = None,
    exchange: Words = None,
    market_type: Words = None,
    timeframe: Words = None,
    page: Whole = None,
    page_size: Annotated[Whole, Query(alias="pageSize")] = None,
) -> Response:
    """One page of results. `symbol` matches any part, case and `/` ignored; an exact match first, then the newest."""
    asked_for = paging(page, page_size)
    wanted = queries.Wanted(searched(symbol), exchange, market_type, timeframe)

    async def read() -> bytes:
        found, total = await queries.results(
            deps.engine, wanted, offset=asked_for.offset, limit=asked_for.size
        )
        shown = rows.listed_rows(found)
        answer = ResultPage(data=shown, **asked_for.of(total))
        return answer.model_dump_json().encode()

    return await listed(deps, read, "page", wanted, asked_for.page, asked_for.size)


@router.get("/{result_id}", response_model=ResultResponse, responses=described(404, 422, 503))
async def result(deps: Deps, result_id: int, at: Moment = None) -> ResultResponse | Response:
    """One result, with its levels: the newest, or as it was published `at` a time."""
    if at is not None:
        return await _published(deps, result_id, at)

    async def read() -> bytes:
        stored = await _stored(deps, result_id)
        return ResultResponse(data=rows.row_with_levels(stored)).model_dump_json().encode()

    return await of_row(deps, result_id, read)


async def _published(deps: Dependencies, result_id: int, at: datetime) -> ResultResponse:
    stored = await _stored(deps, result_id)
    market = rows.market_key(stored)
    published = await queries.publication(deps.engine, market, at) if market is not None else None
    if published is None:
        raise Refused(404, f"of result {result_id} nothing is kept that was published by {at.isoformat()}")
    return ResultResponse(data=rows.row_as_published(stored, published))


@router.get("/{result_id}/history", responses=described(404, 422, 503))
async def history(
    deps: Deps,
    result_id: int,
    page: Whole = None,
    page_size: Annotated[Whole, Query(alias="pageSize")] = None,
) -> PublicationPage:
    """What was published of this result's market, the newest first, as long as it is kept."""
    market = rows.market_key(await _stored(deps, result_id))
    asked_for = paging(page, page_size)
    found, total = (
        await queries.publications(deps.engine, market, offset=asked_for.offset, limit=asked_for.size)
        if market is not None
        else ([], 0)
    )
    return PublicationPage(data=[rows.publication(one) for one in found], **asked_for.of(total))


async def _stored(deps: Dependencies, result_id: int) -> queries.Stored:
    stored = await queries.result(deps.engine, result_id)
    if stored is None:
        raise Refused(404, f"no result has the id {result_id}")
    return stored


@router.post(
    "/trigger",
    status_code=202,
    dependencies=[ENQUEUER],
    responses={
        200: {"model": JobOutcome, "description": "It ended while you waited."},
        **described(401, 409, 413, 422, 503),
    },
)
async def trigger(
    deps: Deps,
    http: Request,
    response: Response,
    body: AskedFor,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="seconds to wait for its end")] = 0,
) -> JobAccepted | JobOutcome:
    """Ask for an analysis; it is done in the background. Sending a `request_id` twice is safe."""
    requested = await submit(body, deps, http)
    if wait and (end := await ended(requested.request_id, wait, deps)):
        response.status_code = 200
        return end
    return JobAccepted(request_id=requested.request_id, status="queued")
