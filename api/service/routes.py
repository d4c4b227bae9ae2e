"""`/analyze` and `/results`, in the shapes that existing callers use."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.http.cached_responses import respond_list
from api.http.dependencies import Deps
from api.http.examples import AnalysisBody
from api.http.parameters import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, IntParam, TextParam, clamp, limit_param
from api.http.problems import problem_responses
from api.http.symbol_query import normalize_query
from api.requests.submission import submit_request
from schemas.http.jobs import AnalyzeResponse
from schemas.http.results import ResultRow

SymbolParam = Annotated[TextParam, Query(description="The whole symbol, ignoring case and `/`.")]
LimitParam = Annotated[IntParam, limit_param(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)]

router = APIRouter(tags=["service"])
enqueue_router = APIRouter(tags=["service"])
"""A router of its own, because in a private network (`--service`) it needs no key."""


@enqueue_router.post(
    "/analyze",
    operation_id="requestAnalysis",
    summary="Request an analysis (existing callers)",
    responses=problem_responses(401, 409, 413, 422, 503),
)
async def request_analysis(deps: Deps, http: Request, body: AnalysisBody) -> AnalyzeResponse:
    """Request an analysis. The answer is sent once the broker has acknowledged the request."""
    request = await submit_request(body, deps, http)
    return AnalyzeResponse(
        message=f"分析任务已提交: {request.symbol}",
        symbol=request.symbol,
        timeframe=request.timeframe,
        request_id=request.request_id,
    )


@router.get(
    "/results",
    operation_id="listNewestResults",
    summary="List the newest results (existing callers)",
    response_model=list[ResultRow],
    responses=problem_responses(422, 503),
)
async def list_newest_results(deps: Deps, symbol: SymbolParam = None, limit: LimitParam = None) -> Response:
    """List the newest results, of one symbol if given."""
    maximum = clamp(limit, default=DEFAULT_PAGE_SIZE, maximum=MAX_PAGE_SIZE)
    name = normalize_query(symbol)

    async def read() -> bytes:
        return await deps.rows.read_newest(name, limit=maximum)

    return await respond_list(deps, read, "newest", name, maximum)
