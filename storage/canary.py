"""The jobs of the canary: requests that the scheduler sends to measure the pipeline from outside."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.records import CanaryRecord, to_record
from schemas.tables import analysis_jobs

CANARY_PREFIX = "canary:"
"""Request ids of the canary: this, and the time in seconds with 12 digits."""


async def load_latest_answer(connection: AsyncConnection) -> CanaryRecord | None:
    """Return the newest request of the canary that was completed, by the index of request ids."""
    jobs = analysis_jobs.c
    newest = (
        select(*(jobs[name] for name in CanaryRecord.__annotations__))
        .where(
            jobs.request_id > CANARY_PREFIX,
            jobs.request_id < CANARY_PREFIX + "9",
            jobs.status == "completed",
        )
        .order_by(jobs.request_id.desc())
        .limit(1)
    )
    row = (await connection.execute(newest)).first()
    return to_record(row, CanaryRecord) if row is not None else None
