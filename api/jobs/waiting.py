"""Waits until a request has ended, by polling its job: any process may end it."""

import structlog

from api.http.dependencies import Dependencies
from api.jobs import queries, views
from api.results.queries import get_result
from runtime.errors import Transient
from schemas.http.jobs import JobOutcome

MAX_WAIT = 60.0
_FIRST_PAUSE = 0.1
_MAX_PAUSE = 1.0
_log = structlog.get_logger(__name__)


async def wait_for_job(request_id: str, seconds: float, deps: Dependencies) -> JobOutcome | None:
    """Return the outcome as soon as the request has ended; None if it has not within `seconds`."""
    deadline = deps.clock.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        if outcome := await _read_outcome(request_id, deps):
            return outcome
        left = deadline - deps.clock.monotonic()
        if left <= 0:
            return None
        await deps.clock.sleep(min(pause, left))
        pause = min(pause * 1.5, _MAX_PAUSE)


async def _read_outcome(request_id: str, deps: Dependencies) -> JobOutcome | None:
    try:
        job = await queries.get_job(deps.engine, request_id)
        if job is None or job["status"] == "queued":
            return None
        result_id = job["result_id"]
        result = await get_result(deps.engine, result_id) if result_id is not None else None
    except Transient as error:
        # The request was accepted: an unreadable job must not look like a refusal.
        _log.warning("job.read_failed", request_id=request_id, error=str(error))
        return None
    return views.to_outcome(job, result)
