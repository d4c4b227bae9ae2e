"""`/api/v1/jobs`: the state of requests."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.http.dependencies import Deps
from api.http.parameters import IntParam, JobStatusParam, TextParam, clamp, limit_param
from api.http.problems import ProblemError, problem_responses
from api.jobs import queries, views
from schemas.http.jobs import MAX_BATCH, Job, JobList
from schemas.values import REQUEST_ID, RequestId

MAX_JOBS = MAX_BATCH
_DEFAULT_JOBS = 100

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

MarketKeyParam = Annotated[TextParam, Query(description="Market key, such as `binance:spot:BTCUSDT:1h`.")]
_MAX_IDS_TEXT = 20_000
"""Characters: three times as many, if each is escaped, still pass through servers with a limit of 64 kB a line."""

_IDS_PATTERN = r"^[A-Za-z0-9._:, -]*$"
"""For the document: letters of two bytes and more would be six characters and more. The error text is ours."""

RequestIdsParam = Annotated[
    Annotated[str, Query(max_length=_MAX_IDS_TEXT, json_schema_extra={"pattern": _IDS_PATTERN})] | None,
    Query(
        description=f"Request ids, separated by commas, at most {MAX_BATCH}, and {_MAX_IDS_TEXT} characters."
    ),
]
LimitParam = Annotated[IntParam, limit_param(_DEFAULT_JOBS, MAX_JOBS)]


def parse_request_ids(text: str) -> list[str]:
    """Return the unique ids of a comma-separated list. Raises ProblemError (422)."""
    ids = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(ids) > MAX_BATCH:
        raise ProblemError(422, f"ids: {len(ids)} are named, at most {MAX_BATCH} are possible")
    if invalid := next((one for one in ids if not REQUEST_ID.fullmatch(one)), None):
        raise ProblemError(422, f"ids: {invalid[:40]!r} is no request id: it may have A-Z a-z 0-9 . _ : -")
    return ids


@router.get("", operation_id="listJobs", summary="List jobs", responses=problem_responses(422, 503))
async def list_jobs(
    deps: Deps,
    status: JobStatusParam = None,
    market: MarketKeyParam = None,
    limit: LimitParam = None,
    ids: RequestIdsParam = None,
) -> JobList:
    """List the newest jobs, or with `ids` those of the named requests that are known, in the order of the ids."""
    if ids is not None:
        if status is not None or market is not None or limit is not None:
            raise ProblemError(422, "ids: cannot be combined with status, market or limit")
        named = await queries.get_jobs(deps.engine, parse_request_ids(ids))
        return JobList(data=[views.to_job(record) for record in named])
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
