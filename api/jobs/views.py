"""Response bodies built from stored jobs."""

from api.results import views as result_views
from api.results.views import to_utc
from schemas.http.jobs import Job, JobOutcome
from schemas.records import JobSummaryRecord, ResultRecord


def to_job(record: JobSummaryRecord) -> Job:
    """Convert a row of the table of jobs."""
    times = {"queued_at": to_utc(record["queued_at"]), "ended_at": to_utc(record["ended_at"])}
    return Job.model_validate(dict(record) | times)


def to_outcome(record: JobSummaryRecord, result: ResultRecord | None) -> JobOutcome:
    """Convert a job that ended, with the row of its result if it completed."""
    detail = result_views.to_detail(result) if result is not None else None
    return JobOutcome.model_validate(dict(record) | {"result": detail})
