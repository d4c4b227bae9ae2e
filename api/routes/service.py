"""What callers of the first analysis service know: `/analyze`, `/results`; and `/health`, in a file of its own."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from api import queries, rows
from api.answers import listed
from api.dependencies import Deps
from api.examples import AskedFor
from api.parameters import MOST_PAGE_SIZE, PAGE_SIZE, Whole, Words, clamped
from api.problems import described
from api.submission import submit
from api.symbols import searched
from schemas.views import Accepted, Row

_ROWS = TypeAdapter(list[Row])

router = APIRouter(tags=["service"])
asking = APIRouter(tags=["service"])
"""Apart, because on a private network (`--service`) it asks for no key."""


@asking.post("/analyze", responses=described(401, 409, 413, 422, 503))
async def analyze(deps: Deps, http: Request, body: AskedFor) -> Accepted:
    """Ask for an analysis. Answers once the broker has the request."""
    requested = await submit(body, deps, http)
    return Accepted(
        message=f"分析任务已提交: {requested.symbol}",
        symbol=requested.symbol,
        timeframe=requested.timeframe,
        request_id=requested.request_id,
    )


@router.get("/results", response_model=list[Row], responses=described(422, 503))
async def results(deps: Deps, symbol: Words = None, limit: Whole = None) -> Response:
    """The newest results, of one symbol (the whole of it, case and `/` ignored) where it is given."""
    bound = clamped(limit, default=PAGE_SIZE, most=MOST_PAGE_SIZE)
    name = searched(symbol)

    async def read() -> bytes:
        return _ROWS.dump_json(rows.rows(await queries.newest_of_symbol(deps.engine, name, limit=bound)))

    return await listed(deps, read, "newest", name, bound)
