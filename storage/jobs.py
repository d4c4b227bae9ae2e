"""What became of each request: `queued`, then `failed` or `completed`, in whatever order the news arrives.

Completed outranks failed outranks queued, and what outranks nothing changes nothing: a late *queued* only fills in
when it was queued and what it asked. All times are UTC, written naive.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.events import MAX_MESSAGE_LENGTH, AnalysisCompleted, AnalysisFailed
from schemas.http.jobs import JobStatus
from schemas.requests import AnalysisRequested, format_validation_error
from schemas.tables import analysis_jobs
from schemas.values import to_naive_utc

_log = structlog.get_logger(__name__)

_ROWS_A_STATEMENT = 500
_RANKS: dict[JobStatus, int] = {"queued": 0, "failed": 1, "completed": 2}

# Whatever is known of the queued side is kept, whatever comes later.
_FILLED = ("market", "queued_at", "request")
_OF_THE_END = ("reason", "message", "attempts", "ended_at", "result_id")


@dataclass(frozen=True, slots=True)
class JobChange:
    """One piece of news about one request. Times are aware, UTC."""

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


def queued(request: AnalysisRequested, at: datetime) -> JobChange:
    """`request` is on its way since `at`."""
    return JobChange(
        request.request_id,
        "queued",
        market=request.market.key,
        queued_at=at,
        request=request.model_dump(mode="json"),
    )


def completed(event: AnalysisCompleted, result_id: int | None, message: str | None = None) -> list[JobChange]:
    """One change for each request that the event names; `result_id` is its market's row, if it got one."""
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
    ]


def failed(event: AnalysisFailed) -> list[JobChange]:
    """One change for each request that the event names."""
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
    ]


def merged(changes: Iterable[JobChange]) -> list[JobChange]:
    """One change a request, sorted by id: what the table would say had they been written one after another."""
    known: dict[str, JobChange] = {}
    for change in changes:
        before = known.get(change.request_id)
        known[change.request_id] = change if before is None else _after(before, change)
    return [known[request_id] for request_id in sorted(known)]


def _after(before: JobChange, change: JobChange) -> JobChange:
    word = change if _RANKS[change.status] > _RANKS[before.status] else before
    return replace(
        word,
        market=before.market or change.market,
        queued_at=before.queued_at or change.queued_at,
        request=before.request or change.request,
    )


async def record_queued(
    connection: AsyncConnection, requests: Iterable[AnalysisRequested], *, at: datetime | None = None
) -> None:
    """Write that they are queued, since `at` (default: now), in the caller's transaction. What ended stays ended."""
    since = at or datetime.now(UTC)
    await record(connection, (queued(request, since) for request in requests))


async def record(connection: AsyncConnection, changes: Iterable[JobChange]) -> None:
    """Write `changes`, in the caller's transaction. Sorted, so that two writers lock in the same order."""
    rows = [as_row(change) for change in merged(changes)]
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        await connection.execute(upsert(connection.dialect.name, rows[start : start + _ROWS_A_STATEMENT]))


def upsert(dialect: str, rows: Sequence[dict[str, Any]]) -> mysql.Insert | sqlite.Insert:
    """One guarded statement for all rows. MySQL assigns from left to right: `status`, which decides, comes last."""
    if dialect == "mysql":
        insert = mysql.insert(analysis_jobs).values(list(rows))
        return insert.on_duplicate_key_update(_assignments(insert.inserted))
    upserting = sqlite.insert(analysis_jobs).values(list(rows))
    return upserting.on_conflict_do_update(
        index_elements=[analysis_jobs.c.request_id], set_=dict(_assignments(upserting.excluded))
    )


def _assignments(new: Any) -> list[tuple[str, ColumnElement[Any]]]:
    old = analysis_jobs.c
    outranks = _rank(new.status) > _rank(old.status)
    filled = [(name, func.coalesce(old[name], new[name])) for name in _FILLED]
    decided = [(name, case((outranks, new[name]), else_=old[name])) for name in (*_OF_THE_END, "status")]
    return [*filled, *decided]


def _rank(status: ColumnElement[str]) -> ColumnElement[int]:
    return case(*((status == name, rank) for name, rank in _RANKS.items() if rank), else_=0)


def as_row(change: JobChange) -> dict[str, Any]:
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


async def queued_requests(connection: AsyncConnection) -> list[AnalysisRequested]:
    """The requests that are still queued, oldest first: what a broker that forgets must be told again."""
    jobs = analysis_jobs.c
    found = await connection.execute(
        select(jobs.request_id, jobs.request)
        .where(jobs.status == "queued", jobs.request.is_not(None))
        .order_by(jobs.queued_at, jobs.request_id)
    )
    requests: list[AnalysisRequested] = []
    for request_id, request in found:
        try:
            requests.append(AnalysisRequested.model_validate(request))
        except ValidationError as error:
            # Written by another version. It holds up nobody, and stays queued for that version to find.
            _log.warning("job.unreadable", request_id=request_id, error=format_validation_error(error))
    return requests


async def known_ids(connection: AsyncConnection, request_ids: Collection[str]) -> set[str]:
    """Those of `request_ids` that have a job, whatever became of it."""
    jobs = analysis_jobs.c.request_id
    return set((await connection.execute(select(jobs).where(jobs.in_(request_ids)))).scalars())
