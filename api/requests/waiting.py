"""Waiting for a request to end: its job is looked at again and again, because any process may end it."""

import structlog

from api.http.dependencies import Dependencies
from api.results import queries, rows
from runtime.errors import Transient
from schemas.http.jobs import JobOutcome

LONGEST_WAIT = 60.0
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 1.0
_log = structlog.get_logger(__name__)


async def ended(request_id: str, seconds: float, deps: Dependencies) -> JobOutcome | None:
    """How the request ended, as soon as it has; None if it has not within `seconds`."""
    deadline = deps.clock.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        if found := await _looked_up(request_id, deps):
            return found
        left = deadline - deps.clock.monotonic()
        if left <= 0:
            return None
        await deps.clock.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


async def _looked_up(request_id: str, deps: Dependencies) -> JobOutcome | None:
    try:
        stored = await queries.job(deps.engine, request_id)
        if stored is None or stored["status"] == "queued":
            return None
        result_id = stored["result_id"]
        result = await queries.result(deps.engine, result_id) if result_id is not None else None
    except Transient as error:
        # The request was taken: that its end can't be seen just now must not look like a refusal.
        _log.warning("job not readable while waiting", request_id=request_id, error=str(error))
        return None
    job = rows.job(stored)
    return JobOutcome(
        request_id=request_id,
        status=job.status,
        reason=job.reason,
        message=job.message,
        result=rows.row_with_levels(result) if result is not None else None,
    )
