"""`/api/v1/jobs`: the state of requests."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.http.dependencies import Deps
from api.http.parameters import IntParam, JobStatusParam, TextParam, clamp, limit_param
from api.http.problems import ProblemError, problem_responses
from api.jobs import queries, views
from schemas.http.jobs import Job, JobList
from schemas.values import RequestId

MAX_JOBS = 500
_DEFAULT_JOBS = 100

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

MarketKeyParam = Annotated[TextParam, Query(description="Market key, such as `binance:spot:BTCUSDT:1h`.")]
LimitParam = Annotated[IntParam, limit_param(_DEFAULT_JOBS, MAX_JOBS)]


@router.get("", operation_id="listJobs", summary="List jobs", responses=problem_responses(422, 503))
async def list_jobs(
    deps: Deps, status: JobStatusParam = None, market: MarketKeyParam = None, limit: LimitParam = None
) -> JobList:
    """List the newest jobs."""
    maximum = clamp(limit, default=_DEFAULT_JOBS, maximum=MAX_JOBS)
    records = await queries.list_jobs(deps.engine, status=status, market=market, limit=maximum)
    return JobList(data=[views.to_job(record) for record in records])


@router.get(
    "/{request_id}",
    operation_id="getJob",
    summary="Get a job",
    responses=problem_responses(404, 422, 503),
)
async def get_job(deps: Deps, request_id: Annotated[RequestId, Path(description="Id of a request.")]) -> Job:
    """Return the job of a request. Requests that other programs published may appear only once they have ended."""
    record = await queries.get_job(deps.engine, request_id)
    if record is None:
        raise ProblemError(404, "no job of this request_id is known (yet)", request_id=request_id)
    return views.to_job(record)
