"""When the sink waits, when it gives up, and what it then says. On an engine that only fails as told."""

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
from tests.support.events import a_completed, a_failed, a_market, a_record, a_request, recorded
from tests.support.sinks import SinkBench, upgraded

TOO_MANY = 2**70


def complaint(code: int) -> OperationalError:
    return OperationalError("INSERT ...", {}, pymysql.err.OperationalError(code, f"complaint {code}"))


class Moody:
    """An engine that raises `moods`, one for each transaction, before it lets one pass."""

    def __init__(self, engine: AsyncEngine, *moods: Exception) -> None:
        self._engine = engine
        self.moods = list(moods)
        self.transactions = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        self.transactions += 1
        async with self._engine.begin() as connection:
            yield connection
            if self.moods:
                raise self.moods.pop(0)


@pytest.fixture
async def moody(sqlite_url: str) -> AsyncIterator[Callable[..., SinkBench]]:
    async with upgraded(sqlite_url) as engine:

        def make(*moods: Exception, troubles: tuple[Exception, ...] = ()) -> SinkBench:
            bench = SinkBench(engine, *troubles)
            bench.sink._engine = Moody(engine, *moods)  # type: ignore[assignment]
            return bench

        yield make


async def test_outages_are_waited_out_with_growing_pauses(moody: Callable[..., SinkBench]) -> None:
    bench = moody(complaint(1213), complaint(1205), complaint(2013), OSError("gone"), TimeoutError())
    await bench.take(a_completed())
    assert len(await bench.rows()) == 1
    assert bench.clock.slept == sorted(bench.clock.slept)
    assert len(bench.clock.slept) == 5


async def test_an_outage_of_days_is_an_outage(moody: Callable[..., SinkBench]) -> None:
    bench = moody(*(complaint(2003) for _ in range(60)))
    await bench.take(a_completed())
    assert len(await bench.rows()) == 1
    assert max(bench.clock.slept) == 15.0  # half of the longest pause, by this bench's dice
    assert not bench.broker.letters


async def test_what_neither_time_nor_other_values_help_stops_the_sink(
    moody: Callable[..., SinkBench],
) -> None:
    bench = moody(complaint(1054))
    with pytest.raises(ConfigurationError, match="1054 complaint"):
        await bench.take(a_completed())
    assert not bench.broker.letters


async def test_one_bad_record_among_many_costs_few_transactions(moody: Callable[..., SinkBench]) -> None:
    bench = moody()
    good = [a_completed(a_market(f"G{n}USDT"), request_ids=[f"g{n}"]) for n in range(63)]
    await bench.take(*good, a_completed(a_market("BADUSDT"), input_limit=TOO_MANY))
    assert len(await bench.rows()) == 63
    assert len(bench.broker.letters) == 1
    # Two for each halving of 64, and one for the jobs of what was given up.
    assert bench.sink._engine.transactions <= 2 * 6 + 2  # type: ignore[attr-defined]


async def test_a_dead_letters_line_names_its_request_and_market(moody: Callable[..., SinkBench]) -> None:
    bench = moody()
    with capture_logs(processors=[merge_contextvars]) as lines:
        await bench.take(a_completed(request_ids=["my-7"], input_limit=TOO_MANY))
    (line,) = [line for line in lines if line["event"] == "record.dead_lettered"]
    assert (line["request_id"], line["market"]) == ("my-7", "binance:spot:BTCUSDT:1h")


async def test_several_bad_records_are_all_found(moody: Callable[..., SinkBench]) -> None:
    bench = moody()
    events = [
        a_completed(
            a_market(f"N{n}USDT"), request_ids=[f"n{n}"], input_limit=TOO_MANY if n % 3 == 0 else 2_000
        )
        for n in range(10)
    ]
    await bench.take(*events)
    assert len(bench.broker.letters) == 4
    assert len(await bench.rows()) == 6
    assert {job["status"] for job in (await bench.jobs()).values()} == {"completed"}


async def test_rows_rejected_one_after_another_are_a_flood(moody: Callable[..., SinkBench]) -> None:
    bench = moody()
    bench.sink._limiter = DeadLetterLimiter(DeadLetterLimit(consecutive=3, ratio=1.0), "are rejected")
    bad = [a_completed(a_market(f"N{n}USDT"), request_ids=[f"n{n}"], input_limit=TOO_MANY) for n in range(5)]
    good = a_completed(a_market("GOODUSDT"), request_ids=["good"])
    with pytest.raises(DeadLetterLimitExceeded, match="more than 3 records in a row are rejected") as flood:
        await bench.take(good, *bad)
    assert flood.value.record.value == recorded(bad[3]).value
    assert [letter.value for letter in bench.broker.letters] == [recorded(event).value for event in bad[:3]]
    assert {row["symbol"] for row in await bench.rows()} == {"GOODUSDT"}


async def test_rows_that_are_taken_in_between_are_none(moody: Callable[..., SinkBench]) -> None:
    bench = moody()
    bench.sink._limiter = DeadLetterLimiter(DeadLetterLimit(consecutive=3, ratio=1.0), "are rejected")
    for n in range(12):
        limit = 2_000 if n % 3 == 0 else TOO_MANY
        await bench.take(a_completed(a_market(f"N{n}USDT"), request_ids=[f"n{n}"], input_limit=limit))
    assert len(bench.broker.letters) == 8


async def test_an_outage_is_no_work(moody: Callable[..., SinkBench]) -> None:
    bench = moody(complaint(2003), complaint(2003))
    before = bench.sink._outages.working_seconds()
    await bench.take(a_completed())
    assert len(bench.clock.slept) == 2
    assert bench.sink._outages.working_seconds() == before


async def test_a_letter_too_large_goes_without_its_value(moody: Callable[..., SinkBench]) -> None:
    bench = moody(troubles=(MessageTooLarge("too large"),))
    await bench.take(a_completed(input_limit=TOO_MANY))
    assert [letter.value for letter in bench.broker.letters] == [None]


async def test_a_batch_without_news_touches_no_database(moody: Callable[..., SinkBench]) -> None:
    bench = moody()
    await bench.take_records(a_record("strandline.requests.v1", b"nonsense"))
    assert bench.sink._engine.transactions == 0  # type: ignore[attr-defined]


async def test_everything_shares_a_lane(moody: Callable[..., SinkBench]) -> None:
    sink = moody().sink
    items = [sink.decode(recorded(event)) for event in (a_completed(), a_failed(), a_request())]
    assert len({sink.ordering_key(item) for item in items}) == 1
