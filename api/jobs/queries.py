"""SELECTs of jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reading import fetch_all, fetch_one, open_read, select_columns
from schemas.http.jobs import JobStatus
from schemas.records import JobSummaryRecord
from schemas.tables import analysis_jobs
from schemas.values import to_naive_utc

_JOBS = analysis_jobs.c


@dataclass(frozen=True, slots=True)
class JobStats:
    """Number of jobs by state; `failed` is by reason, `recent_failures` are the newest of them."""

    queued: int
    completed: int
    failed: dict[str, int]
    recent_failures: list[JobSummaryRecord]


async def get_job(engine: AsyncEngine, request_id: str) -> JobSummaryRecord | None:
    """Return the job of a request."""
    return await fetch_one(engine, _jobs().where(_JOBS.request_id == request_id))


async def get_jobs(engine: AsyncEngine, request_ids: Sequence[str]) -> list[JobSummaryRecord]:
    """Return the known jobs of these requests, in the order of the ids."""
    async with open_read(engine) as connection:
        found = await fetch_all(connection, _jobs().where(_JOBS.request_id.in_(request_ids)))
    by_id = {job["request_id"]: job for job in found}
    return [by_id[request_id] for request_id in request_ids if request_id in by_id]


async def list_jobs(
    engine: AsyncEngine, *, status: JobStatus | None, market: str | None, limit: int
) -> list[JobSummaryRecord]:
    """Return the newest jobs. Those without a `queued_at` (published by others) come last, by their end."""
    newest = (
        _jobs().order_by(_JOBS.queued_at.desc(), _JOBS.ended_at.desc(), _JOBS.request_id.desc()).limit(limit)
    )
    if status is not None:
        newest = newest.where(_JOBS.status == status)
    if market is not None:
        newest = newest.where(_JOBS.market == market)
    async with open_read(engine) as connection:
        return await fetch_all(connection, newest)


async def job_stats(engine: AsyncEngine, since: datetime, *, max_recent: int) -> JobStats:
    """Count the jobs that are queued now and those that ended since `since`; with the newest failures."""
    start = to_naive_utc(since)
    ended = select(_JOBS.status, _JOBS.reason, func.count()).where(_JOBS.ended_at >= start)
    queued = select(func.count()).select_from(analysis_jobs).where(_JOBS.status == "queued")
    newest = (
        _jobs()
        .where(_JOBS.status == "failed", _JOBS.ended_at >= start)
        .order_by(_JOBS.ended_at.desc(), _JOBS.request_id)
        .limit(max_recent)
    )
    async with open_read(engine) as connection:
        counts = (await connection.execute(ended.group_by(_JOBS.status, _JOBS.reason))).all()
        return JobStats(
            queued=(await connection.execute(queued)).scalar_one(),
            completed=sum(count for status, _, count in counts if status == "completed"),
            failed={reason or "internal": count for status, reason, count in counts if status == "failed"},
            recent_failures=await fetch_all(connection, newest),
        )


def _jobs() -> Select[Any]:
    return select_columns(analysis_jobs, exclude={"request", "attempts"})
