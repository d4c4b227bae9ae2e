"""`/api/v1/analysis`: the newest levels of every market, and their history."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.http.cached_responses import respond_list, respond_row
from api.http.dependencies import Dependencies, Deps
from api.http.market_path import MarketKeyPath, parse_market_path
from api.http.paging import parse_page
from api.http.parameters import (
    ExchangeParam,
    PageParam,
    PageSizeParam,
    SymbolSearchParam,
    TextParam,
    TimeParam,
)
from api.http.problems import ProblemError, problem_responses
from api.http.symbol_query import normalize_query
from api.results import queries, views
from api.results.selection import ResultFilter
from api.results.walk import AfterParam, IncludeParam, parse_after, parse_include, respond_after
from schemas.http.results import PublicationPage, ResultPage, ResultResponse
from schemas.records import ResultRecord

router = APIRouter(prefix="/api/v1/analysis", tags=["analysis"])

ResultId = Annotated[int, Path(description="Id of a result.")]
PastTimeParam = Annotated[TimeParam, Query(description="Return the result that was published at this time.")]


@router.get(
    "/results",
    operation_id="listResults",
    summary="List results",
    response_model=ResultPage,
    responses=problem_responses(422, 503),
)
async def list_results(
    deps: Deps,
    symbol: SymbolSearchParam = None,
    exchange: ExchangeParam = None,
    market_type: Annotated[TextParam, Query(description="Type of the market.")] = None,
    timeframe: Annotated[TextParam, Query(description="Length of a candle, such as `1h`.")] = None,
    page: PageParam = None,
    page_size: PageSizeParam = None,
    include: IncludeParam = None,
    after: AfterParam = None,
) -> Response:
    """List results page by page.

    `symbol` matches any part of a symbol, ignoring case and `/`: exact matches come first, then the newest.

    With `include=levels` or `after`, and without `page`, they are listed by their ids, at most 500 at once: pass `next`
    as `after` until it is null. A result that is renewed in between is neither left out nor repeated.
    """
    where = ResultFilter(normalize_query(symbol), exchange, market_type, timeframe)
    with_levels = parse_include(include)
    if page is None and (with_levels or after is not None):
        return await respond_after(deps, where, parse_after(after), page_size, with_levels=with_levels)
    if after is not None:
        raise ProblemError(422, "after: cannot be combined with page")
    requested = parse_page(page, page_size)

    async def read() -> bytes:
        return await deps.rows.read_page(where, requested, with_levels=with_levels)

    return await respond_list(deps, read, "page", where, requested.number, requested.size, with_levels)


@router.get(
    "/{result_id}",
    operation_id="getResult",
    summary="Get a result",
    response_model=ResultResponse,
    responses=problem_responses(404, 422, 503),
)
async def get_result(deps: Deps, result_id: ResultId, at: PastTimeParam = None) -> ResultResponse | Response:
    """Return one result with its levels: the newest, or the one that was published at the time `at`."""
    if at is not None:
        return await _get_past_result(deps, result_id, at)

    async def read() -> bytes:
        detail = await deps.rows.read_detail(result_id)
        if detail is None:
            raise _build_missing_problem(result_id)
        return detail

    return await respond_row(deps, result_id, read)


@router.get(
    "/by-market/{market}",
    operation_id="getResultByMarket",
    summary="Get the result of a market",
    response_model=ResultResponse,
    responses=problem_responses(404, 422, 503),
)
async def get_result_by_market(
    deps: Deps, market: MarketKeyPath, at: PastTimeParam = None
) -> ResultResponse | Response:
    """Return the result of a market by its name; otherwise as `getResult`."""
    named = parse_market_path(market)
    result_id = await queries.find_result_id(deps.reader, named)
    if result_id is None:
        raise ProblemError(404, f"{named.key} has no result (yet): request one with /api/v1/analysis/trigger")
    return await get_result(deps, result_id, at)


@router.get(
    "/{result_id}/history",
    operation_id="listPublications",
    summary="List the publications of a market",
    responses=problem_responses(404, 422, 503),
)
async def list_publications(
    deps: Deps,
    result_id: ResultId,
    page: PageParam = None,
    page_size: PageSizeParam = None,
) -> PublicationPage:
    """List what was published of the market of a result, the newest first, within the retention of the history."""
    market = views.market_key(await _require_result(deps, result_id))
    requested = parse_page(page, page_size)
    records, total = (
        await queries.list_publications(deps.engine, market, offset=requested.offset, limit=requested.size)
        if market is not None
        else ([], 0)
    )
    return PublicationPage(
        data=[views.to_publication(record) for record in records], **requested.to_fields(total)
    )


async def _get_past_result(deps: Dependencies, result_id: int, at: datetime) -> ResultResponse:
    record = await _require_result(deps, result_id)
    market = views.market_key(record)
    publication = await queries.get_publication(deps.engine, market, at) if market is not None else None
    if publication is None:
        raise ProblemError(
            404, f"the history has no publication of result {result_id} at or before {at.isoformat()}"
        )
    return ResultResponse(data=views.to_past_detail(record, publication))


async def _require_result(deps: Dependencies, result_id: int) -> ResultRecord:
    record = await queries.get_result(deps.reader, result_id)
    if record is None:
        raise _build_missing_problem(result_id)
    return record


def _build_missing_problem(result_id: int) -> ProblemError:
    return ProblemError(404, f"no result has the id {result_id}")
