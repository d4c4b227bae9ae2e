"""Jobs in the table, whatever the order in which the news of them arrives. On every database."""

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
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with upgraded(database_url) as engine:
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
async def test_every_order_of_arrival_ends_the_same(
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


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations([QUEUED, FAILED, COMPLETED])),
    ids=lambda order: "-".join(change.status for change in order),
)
async def test_together_or_one_by_one_is_the_same(
    engine: AsyncEngine, order: tuple[jobs.JobChange, ...]
) -> None:
    await write(engine, *order)
    together = await the_job(engine)
    for change in order:
        await write(engine, change)
    assert await the_job(engine) == together
    assert together["status"] == "completed"


async def test_the_first_word_of_a_kind_stays(engine: AsyncEngine) -> None:
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


async def test_ids_are_told_apart_by_case(engine: AsyncEngine) -> None:
    await write(
        engine, *(jobs.build_queued_change(make_request(request_id=name), NOON) for name in ("A", "a"))
    )
    assert len(await table(engine, analysis_jobs)) == 2


async def test_a_message_is_cut_to_what_the_column_holds(engine: AsyncEngine) -> None:
    (change,) = jobs.build_failed_changes(make_failed(message="级🌊" * MAX_MESSAGE_LENGTH))
    await write(engine, change)
    assert (await the_job(engine))["message"] == ("级🌊" * MAX_MESSAGE_LENGTH)[:MAX_MESSAGE_LENGTH]


async def test_more_jobs_than_a_statement_takes(engine: AsyncEngine) -> None:
    await write(
        engine, *(jobs.build_queued_change(make_request(request_id=f"r{n}"), NOON) for n in range(1_203))
    )
    assert len(await table(engine, analysis_jobs)) == 1_203


async def test_what_is_still_queued_can_be_asked_again_oldest_first(engine: AsyncEngine) -> None:
    second = make_request(request_id="second", params={"top": 3})
    first = make_request(make_market("ETHUSDT"), request_id="first", limit=5_000)
    async with engine.begin() as connection:
        await jobs.record_queued(connection, [second, make_request(request_id="done")], at=LATER)
        await jobs.record_queued(connection, [first], at=NOON)
        await jobs.record_changes(
            connection, jobs.build_completed_changes(make_completed(request_ids=["done", "never-seen"]), 1)
        )
        assert await jobs.load_queued_requests(connection) == [first, second]


async def test_a_queued_request_that_nobody_can_read_holds_up_no_other(engine: AsyncEngine) -> None:
    unreadable = replace(QUEUED, request_id="old", request={"symbol": "BTCUSDT"})
    await write(engine, unreadable, QUEUED)
    async with engine.connect() as connection:
        assert await jobs.load_queued_requests(connection) == [make_request()]
