"""What callers of the first analysis service know: `/analyze`, `/results`; and `/health`, in a file of its own."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from api.http.cached_responses import listed
from api.http.dependencies import Deps
from api.http.examples import AskedFor
from api.http.parameters import MOST_PAGE_SIZE, PAGE_SIZE, Whole, Words, clamped
from api.http.problems import described
from api.http.symbol_query import searched
from api.requests.submission import submit
from api.results import queries, rows
from schemas.http.jobs import AnalyzeResponse
from schemas.http.results import ResultRow

_ROWS = TypeAdapter(list[ResultRow])

router = APIRouter(tags=["service"])
asking = APIRouter(tags=["service"])
"""Apart, because on a private network (`--service`) it asks for no key."""


@asking.post("/analyze", responses=described(401, 409, 413, 422, 503))
async def analyze(deps: Deps, http: Request, body: AskedFor) -> AnalyzeResponse:
    """Ask for an analysis. Answers once the broker has the request."""
    requested = await submit(body, deps, http)
    return AnalyzeResponse(
        message=f"分析任务已提交: {requested.symbol}",
        symbol=requested.symbol,
        timeframe=requested.timeframe,
        request_id=requested.request_id,
    )


@router.get("/results", response_model=list[ResultRow], responses=described(422, 503))
async def results(deps: Deps, symbol: Words = None, limit: Whole = None) -> Response:
    """The newest results, of one symbol (the whole of it, case and `/` ignored) where it is given."""
    bound = clamped(limit, default=PAGE_SIZE, most=MOST_PAGE_SIZE)
    name = searched(symbol)

    async def read() -> bytes:
        return _ROWS.dump_json(rows.rows(await queries.newest_of_symbol(deps.engine, name, limit=bound)))

    return await listed(deps, read, "newest", name, bound)
