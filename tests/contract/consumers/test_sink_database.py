"""The sink's promises about its tables, on every database."""

import itertools
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import DeliveryUnknown
from consumers.sink.decode import QueuedRequest, SinkEvent
from runtime.errors import ConfigurationError
from schemas.tables import analysis_results
from schemas.topics import DEAD_LETTERS
from storage.database import open_database
from tests.support.events import (
    CANDLE,
    HOUR_MS,
    NOON,
    make_completed,
    make_failed,
    make_market,
    make_request,
    to_record,
)
from tests.support.sinks import SinkBench, upgraded

EARLY, LATE = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
TOO_MANY = 2**70
"""Too large for any integer column."""


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    async with upgraded(migrated_database_url) as engine:
        yield engine


@pytest.fixture
def bench(engine: AsyncEngine) -> SinkBench:
    return SinkBench(engine)


async def test_sink_writes_result_as_row_of_its_market(bench: SinkBench) -> None:
    event = make_completed(request_ids=["my-7", "my-8"])
    await bench.take(event)
    row = await bench.row()
    assert row.pop("id") > 0
    assert row == {
        "exchange": "binance",
        "symbol": "BTCUSDT",
        "market_type": "spot",
        "timeframe": "1h",
        "input_limit": 1_999,
        "support_levels": [64_000.5],
        "resistance_levels": [66_010.0],
        "last_price": 65_432.1,
        "created_at": datetime(2025, 11, 22, 12),  # noqa: DTZ001 (tables are naive, UTC)
        "updated_at": datetime(2025, 11, 22, 12),  # noqa: DTZ001
        "levels": [event.levels[0].model_dump(mode="json")],
        "candle_at": CANDLE,
        "analyzed_at": datetime(2025, 11, 22, 12),  # noqa: DTZ001
        "request_id": "my-7",
        "algorithm": "strandline/1",
    }


async def test_sink_writes_empty_lists_without_levels(bench: SinkBench) -> None:
    await bench.take(make_completed(support_levels=(), resistance_levels=(), levels=()))
    row = await bench.row()
    assert (row["support_levels"], row["resistance_levels"], row["levels"]) == ([], [], [])


GUARDS = list(
    itertools.product([None, CANDLE - HOUR_MS, CANDLE, CANDLE + HOUR_MS], [None, EARLY, NOON, LATE])
)


@pytest.mark.parametrize(("candle_at", "analyzed_at"), GUARDS)
async def test_sink_updates_row_only_by_later_candle_or_later_clock(
    bench: SinkBench, candle_at: int | None, analyzed_at: datetime | None
) -> None:
    """The row has the guard columns of the parameters, or NULL; the new result has CANDLE and NOON."""
    await bench.take(
        make_completed(last_price=1.0, candle_at=candle_at or 0, analyzed_at=analyzed_at or EARLY)
    )
    async with bench.engine.begin() as connection:
        blank = {
            name: None
            for name, value in (("candle_at", candle_at), ("analyzed_at", analyzed_at))
            if value is None
        }
        if blank:
            await connection.execute(update(analysis_results).values(blank))
    before, raw = await bench.row(), await bench.raw_rows()
    bench.clock.time += timedelta(hours=2)

    await bench.take(
        make_completed(last_price=2.0, candle_at=CANDLE, analyzed_at=NOON, request_ids=["later"])
    )

    accepted = (
        candle_at is None
        or candle_at < CANDLE
        or (candle_at == CANDLE and (analyzed_at is None or analyzed_at < NOON))
    )
    if not accepted:
        assert await bench.raw_rows() == raw
        return
    row = await bench.row()
    assert (row["last_price"], row["candle_at"], row["analyzed_at"]) == (
        2.0,
        CANDLE,
        NOON.replace(tzinfo=None),
    )
    assert (row["request_id"], row["updated_at"]) == (
        "later",
        (NOON + timedelta(hours=2)).replace(tzinfo=None),
    )
    assert (row["id"], row["created_at"]) == (before["id"], before["created_at"])


async def test_sink_prefers_later_candle_to_later_clock(bench: SinkBench) -> None:
    await bench.take(make_completed(last_price=1.0, analyzed_at=LATE))
    await bench.take(make_completed(last_price=2.0, candle_at=CANDLE + HOUR_MS, analyzed_at=EARLY))
    assert (await bench.row())["last_price"] == 2.0


async def test_sink_keeps_id_and_created_at_of_foreign_row(bench: SinkBench) -> None:
    born = datetime(2020, 1, 2, 3, 4, 5)  # noqa: DTZ001
    foreign = {
        **make_market().model_dump(),
        "input_limit": 100,
        "support_levels": [1.5],
        "resistance_levels": [],
        "last_price": 2.5,
        "created_at": born,
        "updated_at": born,
    }
    async with bench.engine.begin() as connection:
        await connection.execute(insert(analysis_results).values(id=4_711, **foreign))
    await bench.take(make_completed())
    row = await bench.row()
    assert (row["id"], row["created_at"], row["last_price"]) == (4_711, born, 65_432.1)
    assert row["updated_at"] > born


async def test_sink_write_is_idempotent(bench: SinkBench) -> None:
    await bench.take(make_completed(), make_request())
    rows, jobs = await bench.raw_rows(), await bench.jobs()
    bench.clock.time += timedelta(hours=2)
    await bench.take(make_completed(), make_request())
    assert (await bench.raw_rows(), await bench.jobs()) == (rows, jobs)


async def test_sink_keeps_minute_and_month_apart(bench: SinkBench) -> None:
    await bench.take(make_completed(make_market(timeframe="1m")), make_completed(make_market(timeframe="1M")))
    assert {row["timeframe"] for row in await bench.rows()} == {"1m", "1M"}


async def test_sink_links_each_job_to_its_row_in_a_large_batch(bench: SinkBench) -> None:
    markets = [make_market(f"N{n}USDT") for n in range(1_100)]
    await bench.take(*(make_completed(market, request_ids=[market.symbol]) for market in markets))
    ids = {row["symbol"]: row["id"] for row in await bench.rows()}
    assert len(ids) == 1_100
    assert {request_id: job["result_id"] for request_id, job in (await bench.jobs()).items()} == ids


async def test_sink_writes_latest_result_of_a_batch_and_ends_all_jobs(bench: SinkBench) -> None:
    await bench.take(
        make_completed(last_price=1.0, request_ids=["a"]),
        make_completed(last_price=3.0, candle_at=CANDLE + HOUR_MS, analyzed_at=EARLY, request_ids=["b"]),
        make_completed(last_price=2.0, analyzed_at=LATE, request_ids=["c"]),
    )
    row = await bench.row()
    assert row["last_price"] == 3.0
    assert {(job["status"], job["result_id"]) for job in (await bench.jobs()).values()} == {
        ("completed", row["id"])
    }


async def test_sink_ends_more_jobs_than_fit_in_one_statement(bench: SinkBench) -> None:
    ids = [f"r{n}" for n in range(1_700)]
    await bench.take(
        *(make_completed(request_ids=ids[start : start + 500]) for start in range(0, 1_700, 500))
    )
    jobs = await bench.jobs()
    assert set(jobs) == set(ids)
    assert {job["status"] for job in jobs.values()} == {"completed"}


async def test_sink_dead_letters_rejected_event_and_writes_the_rest(
    bench: SinkBench,
) -> None:
    good = [make_completed(make_market(f"G{n}USDT"), request_ids=[f"g{n}"]) for n in range(20)]
    bad = to_record(
        make_completed(make_market("BADUSDT"), input_limit=TOO_MANY, request_ids=["bad"]), key=b"k"
    )
    batch = [to_record(event) for event in good]
    batch.insert(13, bad)

    await bench.take_records(*batch)

    assert {row["symbol"] for row in await bench.rows()} == {event.market.symbol for event in good}
    (letter,) = bench.broker.letters
    assert (letter.topic, letter.key, letter.value) == (DEAD_LETTERS.name, b"k", bad.value)
    assert "rejected" in dict(letter.headers)["strandline_dl_error"].decode()
    job = (await bench.jobs())["bad"]
    assert (job["status"], job["result_id"]) == ("completed", None)
    assert "rejected" in job["message"]


async def test_sink_ends_job_of_rejected_failure(bench: SinkBench) -> None:
    """Written without the number of attempts, which may be what the database rejects."""
    await bench.take(make_request(request_id="f"), make_failed(request_ids=["f"], attempts=TOO_MANY))
    assert len(bench.broker.letters) == 1
    job = (await bench.jobs())["f"]
    assert (job["status"], job["reason"], job["attempts"]) == ("failed", "unknown_symbol", None)
    assert "rejected" in job["message"]


async def test_sink_writes_second_latest_result_when_latest_is_rejected(bench: SinkBench) -> None:
    await bench.take(
        make_completed(candle_at=CANDLE + HOUR_MS, input_limit=TOO_MANY), make_completed(last_price=5.0)
    )
    assert (await bench.row())["last_price"] == 5.0


async def test_sink_retries_dead_letter_until_acknowledged(engine: AsyncEngine) -> None:
    bench = SinkBench(engine, DeliveryUnknown("no word"), DeliveryUnknown("no word"))
    await bench.take(make_completed(input_limit=TOO_MANY))
    assert len(bench.broker.letters) == 1
    assert len(bench.clock.slept) == 2


async def test_sink_raises_configuration_error_for_missing_table(database_url: str) -> None:
    engine = open_database(database_url)
    try:
        bench = SinkBench(engine)
        with pytest.raises(ConfigurationError, match="strandline db upgrade"):
            await bench.take(make_completed())
        assert not bench.broker.letters
    finally:
        await engine.dispose()


async def test_sink_writes_jobs_of_failures_and_requests(bench: SinkBench) -> None:
    request = make_request(request_id="asked", params={"per_side": 3})
    await bench.take(request, make_failed(request_ids=["f1", "f2"], message="x" * 3_000))
    jobs = await bench.jobs()
    assert (jobs["asked"]["status"], jobs["asked"]["market"]) == ("queued", "binance:spot:BTCUSDT:1h")
    assert jobs["asked"]["request"] == request.model_dump(mode="json")
    assert jobs["asked"]["queued_at"] == NOON.replace(tzinfo=None)
    assert {jobs[name]["status"] for name in ("f1", "f2")} == {"failed"}
    assert (jobs["f1"]["reason"], jobs["f1"]["attempts"]) == ("unknown_symbol", 2)
    assert jobs["f1"]["message"] == "x" * 1_000


def nest(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"top": value}
    return value


UNSTORABLE = [nest(150), {"windows": [10**400]}, {"max_hole": 10**400}, {"min_touches": 10**400}]
"""Params that the analyzer refuses; MySQL refuses to store them as well."""


@pytest.mark.parametrize("params", UNSTORABLE, ids=["depth", "windows", "max_hole", "min_touches"])
async def test_sink_passes_over_requests_with_invalid_params(
    bench: SinkBench, params: dict[str, Any]
) -> None:
    """The analyzer fails them, which ends their jobs: 150 of them are no flood, and dead-letter nothing."""
    await bench.take(
        *(make_request(request_id=f"bad-{n}", params=params) for n in range(150)),
        make_completed(request_ids=["good"]),
    )
    assert not bench.broker.letters
    assert (await bench.row())["request_id"] == "good"
    assert set(await bench.jobs()) == {"good"}


@pytest.mark.parametrize("params", UNSTORABLE, ids=["depth", "windows", "max_hole", "min_touches"])
async def test_sink_never_dead_letters_a_queued_request(bench: SinkBench, params: dict[str, Any]) -> None:
    """Should a request be decoded that the table does not take, its job is queued without its content."""
    requests = [make_request(request_id=f"bad-{n}", params=params) for n in range(102)]
    items = [SinkEvent(to_record(request), QueuedRequest(request, NOON)) for request in requests]
    good = to_record(make_completed(request_ids=["good"]))
    await bench.sink.handle([*items, bench.sink.decode(good)])
    assert not bench.broker.letters
    jobs = await bench.jobs()
    assert {jobs[f"bad-{n}"]["status"] for n in range(102)} == {"queued"}
    assert jobs["bad-7"]["market"] == "binance:spot:BTCUSDT:1h"
    assert jobs["good"]["status"] == "completed"
    if bench.engine.dialect.name == "mysql":
        assert jobs["bad-7"]["request"] is None
