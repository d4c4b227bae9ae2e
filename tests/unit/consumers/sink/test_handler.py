"""When the sink retries, dead-letters and stops, on an engine that fails by script."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pymysql
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from broker.dead_letters.limit import DeadLetterLimit, DeadLetterLimiter, DeadLetterLimitExceeded
from broker.ports import MessageTooLarge
from runtime.errors import ConfigurationError
from tests.support.events import (
    make_completed,
    make_failed,
    make_market,
    make_record,
    make_request,
    to_record,
)
from tests.support.sinks import SinkBench, upgraded

TOO_MANY = 2**70


def mysql_error(code: int) -> OperationalError:
    return OperationalError("INSERT ...", {}, pymysql.err.OperationalError(code, f"error {code}"))


class FailingEngine:
    """An engine that raises `errors`, one for each transaction, before one succeeds."""

    def __init__(self, engine: AsyncEngine, *errors: Exception) -> None:
        self._engine = engine
        self.errors = list(errors)
        self.transactions = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        self.transactions += 1
        async with self._engine.begin() as connection:
            yield connection
            if self.errors:
                raise self.errors.pop(0)


@pytest.fixture
async def failing_bench(sqlite_url: str) -> AsyncIterator[Callable[..., SinkBench]]:
    async with upgraded(sqlite_url) as engine:

        def make(*errors: Exception, errors_of_broker: tuple[Exception, ...] = ()) -> SinkBench:
            bench = SinkBench(engine, *errors_of_broker)
            bench.sink._engine = FailingEngine(engine, *errors)  # type: ignore[assignment]
            return bench

        yield make


async def test_sink_retries_outages_with_growing_delays(failing_bench: Callable[..., SinkBench]) -> None:
    bench = failing_bench(
        mysql_error(1213), mysql_error(1205), mysql_error(2013), OSError("gone"), TimeoutError()
    )
    await bench.take(make_completed())
    assert len(await bench.rows()) == 1
    assert bench.clock.slept == sorted(bench.clock.slept)
    assert len(bench.clock.slept) == 5


async def test_sink_retries_without_limit(failing_bench: Callable[..., SinkBench]) -> None:
    bench = failing_bench(*(mysql_error(2003) for _ in range(60)))
    await bench.take(make_completed())
    assert len(await bench.rows()) == 1
    assert max(bench.clock.slept) == 15.0  # half of the longest delay, as the bench draws 0.5
    assert not bench.broker.letters


async def test_sink_raises_configuration_error_for_schema_fault(
    failing_bench: Callable[..., SinkBench],
) -> None:
    bench = failing_bench(mysql_error(1054))
    with pytest.raises(ConfigurationError, match="1054 error"):
        await bench.take(make_completed())
    assert not bench.broker.letters


async def test_sink_isolates_rejected_event_in_few_transactions(
    failing_bench: Callable[..., SinkBench],
) -> None:
    bench = failing_bench()
    good = [make_completed(make_market(f"G{n}USDT"), request_ids=[f"g{n}"]) for n in range(63)]
    await bench.take(*good, make_completed(make_market("BADUSDT"), input_limit=TOO_MANY))
    assert len(await bench.rows()) == 63
    assert len(bench.broker.letters) == 1
    # Two for each halving of 64, and one for the jobs of the dead-lettered event.
    assert bench.sink._engine.transactions <= 2 * 6 + 2  # type: ignore[attr-defined]


async def test_sink_logs_request_and_market_of_dead_letter(failing_bench: Callable[..., SinkBench]) -> None:
    bench = failing_bench()
    with capture_logs(processors=[merge_contextvars]) as lines:
        await bench.take(make_completed(request_ids=["my-7"], input_limit=TOO_MANY))
    (line,) = [line for line in lines if line["event"] == "record.dead_lettered"]
    assert (line["request_id"], line["market"]) == ("my-7", "binance:spot:BTCUSDT:1h")


async def test_sink_dead_letters_every_rejected_event(failing_bench: Callable[..., SinkBench]) -> None:
    bench = failing_bench()
    events = [
        make_completed(
            make_market(f"N{n}USDT"), request_ids=[f"n{n}"], input_limit=TOO_MANY if n % 3 == 0 else 2_000
        )
        for n in range(10)
    ]
    await bench.take(*events)
    assert len(bench.broker.letters) == 4
    assert len(await bench.rows()) == 6
    assert {job["status"] for job in (await bench.jobs()).values()} == {"completed"}


async def test_sink_stops_after_too_many_rejections_in_a_row(failing_bench: Callable[..., SinkBench]) -> None:
    bench = failing_bench()
    bench.sink._limiter = DeadLetterLimiter(DeadLetterLimit(consecutive=3, ratio=1.0), "are rejected")
    bad = [
        make_completed(make_market(f"N{n}USDT"), request_ids=[f"n{n}"], input_limit=TOO_MANY)
        for n in range(5)
    ]
    good = make_completed(make_market("GOODUSDT"), request_ids=["good"])
    with pytest.raises(DeadLetterLimitExceeded, match="more than 3 records in a row are rejected") as flood:
        await bench.take(good, *bad)
    assert flood.value.record.value == to_record(bad[3]).value
    assert [letter.value for letter in bench.broker.letters] == [to_record(event).value for event in bad[:3]]
    assert {row["symbol"] for row in await bench.rows()} == {"GOODUSDT"}


async def test_sink_continues_while_rejections_are_interrupted(
    failing_bench: Callable[..., SinkBench],
) -> None:
    bench = failing_bench()
    bench.sink._limiter = DeadLetterLimiter(DeadLetterLimit(consecutive=3, ratio=1.0), "are rejected")
    for n in range(12):
        limit = 2_000 if n % 3 == 0 else TOO_MANY
        await bench.take(make_completed(make_market(f"N{n}USDT"), request_ids=[f"n{n}"], input_limit=limit))
    assert len(bench.broker.letters) == 8


async def test_sink_counts_no_working_time_during_outage(failing_bench: Callable[..., SinkBench]) -> None:
    bench = failing_bench(mysql_error(2003), mysql_error(2003))
    before = bench.sink._outages.working_seconds()
    await bench.take(make_completed())
    assert len(bench.clock.slept) == 2
    assert bench.sink._outages.working_seconds() == before


async def test_sink_dead_letters_oversized_record_without_its_value(
    failing_bench: Callable[..., SinkBench],
) -> None:
    bench = failing_bench(errors_of_broker=(MessageTooLarge("too large"),))
    await bench.take(make_completed(input_limit=TOO_MANY))
    assert [letter.value for letter in bench.broker.letters] == [None]


async def test_sink_opens_no_transaction_for_batch_without_events(
    failing_bench: Callable[..., SinkBench],
) -> None:
    bench = failing_bench()
    await bench.take_records(make_record("strandline.requests.v1", b"nonsense"))
    assert bench.sink._engine.transactions == 0  # type: ignore[attr-defined]


async def test_sink_gives_every_event_the_same_ordering_key(failing_bench: Callable[..., SinkBench]) -> None:
    sink = failing_bench().sink
    items = [sink.decode(to_record(event)) for event in (make_completed(), make_failed(), make_request())]
    assert len({sink.ordering_key(item) for item in items}) == 1
