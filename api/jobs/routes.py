"""`/api/v1/jobs`: the state of requests."""

from fastapi import APIRouter

from api.http.dependencies import Deps
from api.http.parameters import IntParam, JobStatusParam, TextParam, clamp
from api.http.problems import ProblemError, problem_responses
from api.jobs import queries, views
from schemas.http.jobs import Job, JobList
from schemas.values import RequestId

MAX_JOBS = 500
_DEFAULT_JOBS = 100

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


@router.get("", operation_id="listJobs", summary="List jobs", responses=problem_responses(422, 503))
async def list_jobs(
    deps: Deps, status: JobStatusParam = None, market: TextParam = None, limit: IntParam = None
) -> JobList:
    """List the newest jobs. `market` is a key such as `binance:spot:BTCUSDT:1h`; `limit` is at most 500."""
    maximum = clamp(limit, default=_DEFAULT_JOBS, maximum=MAX_JOBS)
    records = await queries.list_jobs(deps.engine, status=status, market=market, limit=maximum)
    return JobList(data=[views.to_job(record) for record in records])


@router.get(
    "/{request_id}",
    operation_id="getJob",
    summary="Get a job",
    responses=problem_responses(404, 422, 503),
)
async def get_job(deps: Deps, request_id: RequestId) -> Job:
    """Return the job of a request. Requests that other programs published may appear only once they have ended."""
    record = await queries.get_job(deps.engine, request_id)
    if record is None:
        raise ProblemError(404, "no job of this request_id is known (yet)", request_id=request_id)
    return views.to_job(record)
