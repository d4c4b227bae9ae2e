"""Decides, from the answer to a request or its job, whether it has ended. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strandline_client.errors import AnalysisFailed
from strandline_client.models import Job, Result

MAX_WAIT = 60.0
"""Longest time that one call of the server waits."""


def read_outcome(answer: Mapping[str, Any]) -> Result | None:
    """Return the result that a triggered request ended with; None while it runs. Raises AnalysisFailed."""
    if answer["status"] == "failed":
        raise AnalysisFailed(answer["request_id"], str(answer.get("reason")), str(answer.get("message")))
    result = answer.get("result")
    return Result.read(result) if result else None


def read_result_id(job: Job) -> int | None:
    """Return the id of the row that a job ended with; None while it runs. Raises AnalysisFailed."""
    if job.status == "failed" or (job.status == "completed" and job.result_id is None):
        raise AnalysisFailed(job.request_id, str(job.reason or "no_row"), str(job.message))
    return job.result_id
