"""`/api/v1/jobs`: what became of a request."""

from fastapi import APIRouter

from api.http.dependencies import Deps
from api.http.parameters import StatusOfJob, Whole, Words, clamped
from api.http.problems import Refused, described
from api.results import queries, rows
from schemas.http.jobs import Job, JobList
from schemas.values import RequestId

MOST_JOBS = 500
_JOBS = 100

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


@router.get("", responses=described(422, 503))
async def jobs(deps: Deps, status: StatusOfJob = None, market: Words = None, limit: Whole = None) -> JobList:
    """The newest jobs; `market` is a key such as `binance:spot:BTCUSDT:1h`, `limit` at most 500."""
    bound = clamped(limit, default=_JOBS, most=MOST_JOBS)
    found = await queries.jobs(deps.engine, status=status, market=market, limit=bound)
    return JobList(data=[rows.job(one) for one in found])


@router.get("/{request_id}", responses=described(404, 422, 503))
async def job(deps: Deps, request_id: RequestId) -> Job:
    """One job. A request that others published may be known here only once it has ended."""
    stored = await queries.job(deps.engine, request_id)
    if stored is None:
        raise Refused(404, "no job of this request_id is known (yet)", request_id=request_id)
    return rows.job(stored)
