"""`POST /api/v1/analysis/trigger` and `/batch`: request analyses."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access.scopes import REQUIRE_ENQUEUE
from api.http.dependencies import Deps
from api.http.examples import AnalysisBody
from api.http.problems import problem_responses
from api.jobs.waiting import MAX_WAIT, wait_for_job
from api.requests.batch import submit_batch
from api.requests.submission import submit_request
from schemas.http.jobs import (
    AcceptedRequest,
    BatchOutcome,
    JobAccepted,
    JobOutcome,
    RefusedRequest,
    RequestBatch,
)

router = APIRouter(prefix="/api/v1/analysis", tags=["analysis"])


@router.post(
    "/trigger",
    operation_id="triggerAnalysis",
    summary="Request an analysis",
    status_code=202,
    dependencies=[REQUIRE_ENQUEUE],
    responses={
        200: {"model": JobOutcome, "description": "The request ended within `wait` seconds."},
        **problem_responses(401, 409, 413, 422, 503),
    },
)
async def trigger_analysis(
    deps: Deps,
    http: Request,
    response: Response,
    body: AnalysisBody,
    wait: Annotated[
        float,
        Query(
            ge=0,
            le=MAX_WAIT,
            description="Seconds to wait for the outcome; 0 by default.",
            json_schema_extra={"format": "double"},
        ),
    ] = 0,
) -> JobAccepted | JobOutcome:
    """Request an analysis, which runs in the background. Sending one `request_id` twice is safe."""
    request = await submit_request(body, deps, http)
    if wait and (outcome := await wait_for_job(request.request_id, wait, deps)):
        response.status_code = 200
        return outcome
    response.headers["Location"] = f"../jobs/{request.request_id}"
    return JobAccepted(request_id=request.request_id, status="queued")


@router.post(
    "/batch",
    operation_id="requestAnalyses",
    summary="Request several analyses",
    status_code=202,
    dependencies=[REQUIRE_ENQUEUE],
    responses=problem_responses(401, 413, 422, 503),
)
async def request_analyses(deps: Deps, http: Request, batch: RequestBatch) -> BatchOutcome:
    """Request several analyses in one call. A request that is refused does not affect the others."""
    outcomes = await submit_batch(batch.requests, deps, http)
    return BatchOutcome(
        accepted=[
            AcceptedRequest(index=one.index, request_id=one.request_id or "")
            for one in outcomes
            if one.error is None
        ],
        refused=[
            RefusedRequest(
                index=one.index, error=one.error, request_id=one.request_id, retryable=one.is_retryable
            )
            for one in outcomes
            if one.error is not None
        ],
    )
