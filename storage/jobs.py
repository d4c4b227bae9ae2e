"""The status of each request: `queued`, then `failed` or `completed`, independent of the order in which events arrive.

Completed outranks failed outranks queued, and a change that outranks nothing changes no outcome: a late *queued* only
fills in when the request was queued and what it contained. A job belongs to the market that was the first with its
request id: changes for another market are ignored.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.candles.close_ids import is_close_id
from schemas.events import MAX_MESSAGE_LENGTH, AnalysisCompleted, AnalysisFailed
from schemas.http.jobs import JobStatus
from schemas.records import JobRecord
from schemas.requests import AnalysisRequested, format_validation_error
from schemas.tables import analysis_jobs
from schemas.values import to_naive_utc
from storage.bulk_insert import insert_rows

_log = structlog.get_logger(__name__)

_MAX_ROWS_PER_STATEMENT = 500
_RANKS: dict[JobStatus, int] = {"queued": 0, "failed": 1, "completed": 2}

# The first value of these is kept; later ones are ignored.
_FIRST_VALUE_COLUMNS = ("market", "queued_at", "request")
_OUTCOME_COLUMNS = ("reason", "message", "attempts", "ended_at", "result_id")


@dataclass(frozen=True, slots=True)
class JobChange:
    """A change of one request's status. Times are aware, UTC."""

    request_id: str
    status: JobStatus
    market: str | None = None
    queued_at: datetime | None = None
    request: dict[str, Any] | None = None
    reason: str | None = None
    message: str | None = None
    attempts: int | None = None
    ended_at: datetime | None = None
    result_id: int | None = None


def build_queued_change(request: AnalysisRequested, at: datetime) -> JobChange:
    """Return the change for a request that was published at `at`."""
    return JobChange(
        request.request_id,
        "queued",
        market=request.market.key,
        queued_at=at,
        request=request.model_dump(mode="json"),
    )


def build_completed_changes(
    event: AnalysisCompleted, result_id: int | None, message: str | None = None
) -> list[JobChange]:
    """Return one change for each request of the event but closed candles; `result_id`: its market's row, if any."""
    return [
        JobChange(
            request_id,
            "completed",
            market=event.market.key,
            message=message,
            ended_at=event.analyzed_at,
            result_id=result_id,
        )
        for request_id in event.request_ids
        if not is_close_id(request_id)
    ]


def build_failed_changes(event: AnalysisFailed) -> list[JobChange]:
    """Return one change for each request of the event."""
    return [
        JobChange(
            request_id,
            "failed",
            market=event.market.key if event.market else None,
            reason=event.reason,
            message=event.message,
            attempts=event.attempts,
            ended_at=event.failed_at,
        )
        for request_id in event.request_ids
        if not is_close_id(request_id)
    ]


def merge_changes(changes: Iterable[JobChange]) -> list[JobChange]:
    """Return one change per request, sorted by id, with the outcome of applying all of them in order."""
    by_request: dict[str, JobChange] = {}
    for change in changes:
        before = by_request.get(change.request_id)
        by_request[change.request_id] = change if before is None else _apply(before, change)
    return [by_request[request_id] for request_id in sorted(by_request)]


def _apply(before: JobChange, change: JobChange) -> JobChange:
    if before.market and change.market and before.market != change.market:
        return before  # another request with the same id
    outcome = change if _RANKS[change.status] > _RANKS[before.status] else before
    return replace(
        outcome,
        market=before.market or change.market,
        queued_at=before.queued_at or change.queued_at,
        request=before.request or change.request,
    )


async def record_queued(
    connection: AsyncConnection, requests: Iterable[AnalysisRequested], *, at: datetime | None = None
) -> None:
    """Record requests as queued since `at` (default: now), in the caller's transaction. Ended jobs stay ended."""
    since = at or datetime.now(UTC)
    await record_changes(connection, (build_queued_change(request, since) for request in requests))


async def record_changes(connection: AsyncConnection, changes: Iterable[JobChange]) -> None:
    """Write `changes` in the caller's transaction. Sorted, so that two writers lock rows in the same order."""
    rows = [to_row(change) for change in merge_changes(changes)]
    for start in range(0, len(rows), _MAX_ROWS_PER_STATEMENT):
        batch = rows[start : start + _MAX_ROWS_PER_STATEMENT]
        await insert_rows(connection, build_upsert(connection.dialect.name), batch)


@cache
def build_upsert(dialect: str) -> mysql.Insert | sqlite.Insert:
    """Build the guarded statement for any number of rows.

    MySQL assigns from left to right, so `status`, which the guard compares, comes last.
    """
    if dialect == "mysql":
        insert = mysql.insert(analysis_jobs)
        return insert.on_duplicate_key_update(_assignments(insert.inserted))
    upsert = sqlite.insert(analysis_jobs)
    return upsert.on_conflict_do_update(
        index_elements=[analysis_jobs.c.request_id], set_=dict(_assignments(upsert.excluded))
    )


def _assignments(new: Any) -> list[tuple[str, ColumnElement[Any]]]:
    old = analysis_jobs.c
    # MySQL has assigned the market already, which changes nothing: it is then that of `new`, or differs as before.
    is_same = or_(old.market.is_(None), new.market.is_(None), old.market == new.market)
    outranks = and_(is_same, _rank(new.status) > _rank(old.status))
    first_values = [
        (name, case((is_same, func.coalesce(old[name], new[name])), else_=old[name]))
        for name in _FIRST_VALUE_COLUMNS
    ]
    outcome = [(name, case((outranks, new[name]), else_=old[name])) for name in (*_OUTCOME_COLUMNS, "status")]
    return [*first_values, *outcome]


def _rank(status: ColumnElement[str]) -> ColumnElement[int]:
    return case(*((status == name, rank) for name, rank in _RANKS.items() if rank), else_=0)


def to_row(change: JobChange) -> JobRecord:
    """Return the row of `analysis_jobs` that `change` writes."""
    return {
        "request_id": change.request_id,
        "market": change.market,
        "status": change.status,
        "reason": change.reason,
        "message": change.message[:MAX_MESSAGE_LENGTH] if change.message else change.message,
        "attempts": change.attempts,
        "queued_at": to_naive_utc(change.queued_at) if change.queued_at else None,
        "ended_at": to_naive_utc(change.ended_at) if change.ended_at else None,
        "result_id": change.result_id,
        "request": change.request,
    }


async def load_queued_requests(connection: AsyncConnection) -> list[AnalysisRequested]:
    """Load the requests that are still queued, oldest first: an in-memory broker has lost them."""
    jobs = analysis_jobs.c
    rows = await connection.execute(
        select(jobs.request_id, jobs.request)
        .where(jobs.status == "queued", jobs.request.is_not(None))
        .order_by(jobs.queued_at, jobs.request_id)
    )
    requests: list[AnalysisRequested] = []
    for request_id, request in rows:
        try:
            requests.append(AnalysisRequested.model_validate(request))
        except ValidationError as error:
            # Written by another version. It stays queued for that version, and the others are still loaded.
            _log.warning("job.unreadable", request_id=request_id, error=format_validation_error(error))
    return requests


async def find_existing_ids(connection: AsyncConnection, request_ids: Collection[str]) -> set[str]:
    """Return those of `request_ids` that have a job, in any status."""
    jobs = analysis_jobs.c.request_id
    return set((await connection.execute(select(jobs).where(jobs.in_(request_ids)))).scalars())


async def find_status(connection: AsyncConnection, request_id: str) -> JobStatus | None:
    """Return the status of a request's job; None without a job."""
    job = analysis_jobs.c
    found = await connection.execute(select(job.status).where(job.request_id == request_id))
    status: JobStatus | None = found.scalar_one_or_none()
    return status


async def load_unanswered(
    connection: AsyncConnection,
    *,
    queued_before: datetime,
    expired_before: datetime,
    content_lost_before: datetime,
    limit: int,
) -> dict[str, str | None]:
    """Return request id -> market key of the oldest jobs that are queued since `queued_before` and have expired.

    A job without content has no `expires_at`: it was queued before `content_lost_before`. All are aware times.
    """
    job = analysis_jobs.c
    expires_at = job.request["expires_at"].as_string()  # RFC 3339 in UTC, so that text sorts as time does
    is_expired = and_(
        job.queued_at < to_naive_utc(expired_before),
        expires_at < expired_before.strftime("%Y-%m-%dT%H:%M:%S"),
    )
    is_lost = and_(job.request.is_(None), job.queued_at < to_naive_utc(content_lost_before))
    rows = await connection.execute(
        select(job.request_id, job.market)
        .where(job.status == "queued", job.queued_at < to_naive_utc(queued_before), or_(is_expired, is_lost))
        .order_by(job.queued_at)
        .limit(limit)
    )
    return {row.request_id: row.market for row in rows}
