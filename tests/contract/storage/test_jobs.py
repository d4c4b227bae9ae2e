"""The jobs table, on every database, for every order in which changes arrive."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.events import MAX_MESSAGE_LENGTH
from schemas.tables import analysis_jobs
from storage import jobs
from tests.support.events import NOON, make_completed, make_failed, make_market, make_request
from tests.support.sinks import table, upgraded

LATER = NOON + timedelta(minutes=5)
QUEUED = jobs.build_queued_change(make_request(), NOON)
(FAILED,) = jobs.build_failed_changes(make_failed(failed_at=LATER))
(COMPLETED,) = jobs.build_completed_changes(make_completed(analyzed_at=LATER), result_id=7)


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    async with upgraded(migrated_database_url) as engine:
        yield engine


async def write(engine: AsyncEngine, *changes: jobs.JobChange) -> None:
    async with engine.begin() as connection:
        await jobs.record_changes(connection, changes)


async def the_job(engine: AsyncEngine) -> dict[str, Any]:
    (job,) = await table(engine, analysis_jobs)
    return job


ORDERS = [
    order
    for news in ([QUEUED], [FAILED], [COMPLETED], [QUEUED, FAILED], [QUEUED, COMPLETED], [FAILED, COMPLETED])
    for order in itertools.permutations(news)
] + list(itertools.permutations([QUEUED, FAILED, COMPLETED]))


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(change.status for change in order))
async def test_job_ends_equal_in_every_order_of_arrival(
    engine: AsyncEngine, order: tuple[jobs.JobChange, ...]
) -> None:
    for change in order:
        await write(engine, change)
    job = await the_job(engine)
    assert job["market"] == ("binance:spot:BTCUSDT:1h" if order != (FAILED,) else None)
    if QUEUED in order:
        assert (job["queued_at"], job["request"]) == (NOON.replace(tzinfo=None), QUEUED.request)
    if COMPLETED in order:
        expected: tuple[Any, ...] = ("completed", None, None, None, LATER.replace(tzinfo=None), 7)
    elif FAILED in order:
        expected = ("failed", "unknown_symbol", FAILED.message, 2, LATER.replace(tzinfo=None), None)
    else:
        expected = ("queued", None, None, None, None, None)
    assert (
        job["status"],
        job["reason"],
        job["message"],
        job["attempts"],
        job["ended_at"],
        job["result_id"],
    ) == expected

    for change in order:
        await write(engine, change)
    assert await the_job(engine) == job


@pytest.mark.parametrize("is_one_batch", [True, False])
async def test_job_belongs_to_the_first_market_with_its_request_id(
    engine: AsyncEngine, is_one_batch: bool
) -> None:
    other = [replace(change, market="binance:spot:ETHUSDT:1h") for change in (FAILED, COMPLETED)]
    changes = [QUEUED, replace(QUEUED, market=other[0].market), *other]
    if is_one_batch:
        await write(engine, *changes)
    else:
        for change in changes:
            await write(engine, change)
    job = await the_job(engine)
    assert (job["market"], job["status"], job["result_id"]) == ("binance:spot:BTCUSDT:1h", "queued", None)
    await write(engine, COMPLETED)
    job = await the_job(engine)
    assert (job["market"], job["status"], job["result_id"]) == ("binance:spot:BTCUSDT:1h", "completed", 7)


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations([QUEUED, FAILED, COMPLETED])),
    ids=lambda order: "-".join(change.status for change in order),
)
async def test_job_ends_equal_in_one_or_several_writes(
    engine: AsyncEngine, order: tuple[jobs.JobChange, ...]
) -> None:
    await write(engine, *order)
    together = await the_job(engine)
    for change in order:
        await write(engine, change)
    assert await the_job(engine) == together
    assert together["status"] == "completed"


async def test_job_keeps_first_change_of_a_status(engine: AsyncEngine) -> None:
    await write(engine, QUEUED)
    await write(engine, jobs.build_queued_change(make_request(make_market("ETHUSDT")), LATER))
    job = await the_job(engine)
    assert (job["queued_at"], job["market"]) == (NOON.replace(tzinfo=None), "binance:spot:BTCUSDT:1h")
    (second,) = jobs.build_completed_changes(
        make_completed(analyzed_at=LATER + timedelta(days=1)), result_id=8
    )
    await write(engine, COMPLETED)
    await write(engine, second)
    assert (await the_job(engine))["result_id"] == 7


async def test_job_ids_are_case_sensitive(engine: AsyncEngine) -> None:
    await write(
        engine, *(jobs.build_queued_change(make_request(request_id=name), NOON) for name in ("A", "a"))
    )
    assert len(await table(engine, analysis_jobs)) == 2


async def test_job_message_is_truncated_to_column(engine: AsyncEngine) -> None:
    (change,) = jobs.build_failed_changes(make_failed(message="级🌊" * MAX_MESSAGE_LENGTH))
    await write(engine, change)
    assert (await the_job(engine))["message"] == ("级🌊" * MAX_MESSAGE_LENGTH)[:MAX_MESSAGE_LENGTH]


async def test_record_changes_splits_large_batches(engine: AsyncEngine) -> None:
    await write(
        engine, *(jobs.build_queued_change(make_request(request_id=f"r{n}"), NOON) for n in range(1_203))
    )
    assert len(await table(engine, analysis_jobs)) == 1_203


async def test_load_queued_requests_returns_oldest_first(engine: AsyncEngine) -> None:
    second = make_request(request_id="second", params={"top": 3})
    first = make_request(make_market("ETHUSDT"), request_id="first", limit=5_000)
    async with engine.begin() as connection:
        await jobs.record_queued(connection, [second, make_request(request_id="done")], at=LATER)
        await jobs.record_queued(connection, [first], at=NOON)
        await jobs.record_changes(
            connection, jobs.build_completed_changes(make_completed(request_ids=["done", "never-seen"]), 1)
        )
        assert await jobs.load_queued_requests(connection) == [first, second]


async def test_load_queued_requests_skips_unreadable_request(engine: AsyncEngine) -> None:
    unreadable = replace(QUEUED, request_id="old", request={"symbol": "BTCUSDT"})
    await write(engine, unreadable, QUEUED)
    async with engine.connect() as connection:
        assert await jobs.load_queued_requests(connection) == [make_request()]
