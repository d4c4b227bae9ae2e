"""Reads the records and rows of a round. Other rounds share topics and tables, so names are filtered."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Broker, Record
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.market import Market
from schemas.tables import analysis_jobs, analysis_results
from schemas.topics import DEAD_LETTERS, FAILURES, REQUESTS, RESULTS
from schemas.values import to_ms
from tests.support.faults.facts import JobState, OutcomeRecord, RequestRecord, Version

POISON = b"\xff\xfe{"


async def read_topics(
    broker: Broker, since: datetime, prefix: str
) -> tuple[list[RequestRecord], list[OutcomeRecord]]:
    """Read the requests of the round and their outcomes from the topics since then."""
    requests: list[RequestRecord] = []
    outcomes: list[OutcomeRecord] = []
    names = [REQUESTS.name, RESULTS.name, FAILURES.name, DEAD_LETTERS.name]
    for record in await read_records(broker, names, since):
        if record.topic == REQUESTS.name:
            requests += _parse_request(record, prefix)
        elif (ending := parse_outcome(record)) is not None and _is_ours(ending, prefix):
            outcomes.append(ending)
    return requests, outcomes


async def read_records(broker: Broker, topics: Sequence[str], since: datetime) -> list[Record]:
    """Read what is on the topics by now."""
    found: list[Record] = []
    async with broker.read(topics, since) as reader:
        records = aiter(reader)
        while not await reader.is_caught_up():
            found.append(await anext(records))
    return found


def parse_outcome(record: Record) -> OutcomeRecord | None:
    """Parse an outcome; None for a dead letter that is not from the requests topic, and for poison of another round.

    What the pipeline publishes names its type in a header; poison does not.
    """
    value = record.value or b""
    if record.topic != DEAD_LETTERS.name and "ce_type" not in dict(record.headers):
        return None
    if record.topic == RESULTS.name:
        event = AnalysisCompleted.model_validate_json(value)
        version = Version(to_ms(event.candle_at), event.analyzed_at)
        return OutcomeRecord(
            record.source, record.offset, "completed", event.request_ids, None, event.market.key, version
        )
    if record.topic == FAILURES.name:
        failed = AnalysisFailed.model_validate_json(value)
        return OutcomeRecord(record.source, record.offset, "failed", failed.request_ids, failed.reason)
    if dict(record.headers).get("strandline_dl_topic") != REQUESTS.name.encode():
        return None
    return OutcomeRecord(record.source, record.offset, "dead", (request_name(value),))


async def count_ended(engine: AsyncEngine, prefix: str) -> int:
    """Count the ended jobs of the round. Raises the database's error while it is down."""
    counting = select(func.count()).where(
        analysis_jobs.c.request_id.startswith(prefix), analysis_jobs.c.status != "queued"
    )
    async with engine.connect() as connection:
        return int((await connection.execute(counting)).scalar_one())


async def read_jobs(engine: AsyncEngine, prefix: str) -> dict[str, JobState]:
    table = analysis_jobs.c
    asking = select(table.request_id, table.status, table.reason).where(table.request_id.startswith(prefix))
    async with engine.connect() as connection:
        return {name: JobState(status, reason) for name, status, reason in await connection.execute(asking)}


async def read_rows(engine: AsyncEngine) -> dict[str, Version]:
    """Return the guard of every row that has one, by market key."""
    async with engine.connect() as connection:
        found = (await connection.execute(select(analysis_results))).mappings().all()
    return {
        Market(**{name: row[name] for name in Market.model_fields}).key: Version(
            row["candle_at"], row["analyzed_at"].replace(tzinfo=UTC)
        )
        for row in found
        if row["candle_at"] is not None and row["analyzed_at"] is not None
    }


def _is_ours(ending: OutcomeRecord, prefix: str) -> bool:
    return any(name.startswith(prefix) for name in ending.names)


def _parse_request(record: Record, prefix: str) -> Iterator[RequestRecord]:
    name = request_name(record.value or b"")
    if name.startswith(prefix):
        yield RequestRecord(record.source, record.offset, name)


def request_name(value: bytes) -> str:
    """Return the name of a record of the round; empty for others."""
    if value.startswith(POISON):
        return value.removeprefix(POISON).decode(errors="replace")
    try:
        body = json.loads(value)
    except ValueError:
        return ""
    return str(body.get("request_id", "")) if isinstance(body, dict) else ""
