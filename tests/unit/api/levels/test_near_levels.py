"""The index behind the questions: loaded once, kept current by the stream, read again after an interruption."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.levels.near_levels import NearLevels
from api.levels.question import NearQuestion
from api.prices.live_prices import LivePrices
from runtime.errors import Transient
from schemas.events import AnalysisCompleted, PriceTicked
from storage.database import open_database
from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_level
from tests.support.sinks import SinkBench, SwiftClock


def result(hour: int, price: float) -> AnalysisCompleted:
    return make_completed(
        candle_at=CANDLE + hour * HOUR_MS,
        analyzed_at=NOON + timedelta(hours=hour),
        last_price=100.0,
        levels=(make_level(price, level_id=f"S{price:g}", last_price=100.0),),
        support_levels=(price,),
    )


async def names(near: NearLevels) -> list[str]:
    return [hit.level.level_id for hit in (await near.ask(NearQuestion())).hits]


@pytest.fixture
async def clock() -> SwiftClock:
    return SwiftClock()


@pytest.fixture
async def near(engine: AsyncEngine, clock: SwiftClock) -> NearLevels:
    return NearLevels(engine, LivePrices(clock), clock)


async def test_result_of_the_stream_replaces_that_of_the_table(engine: AsyncEngine, near: NearLevels) -> None:
    near.update(result(5, 90.0))  # nothing was asked yet, so nothing is kept
    await SinkBench(engine).take(result(0, 99.0))
    assert await names(near) == ["S99"]
    near.update(result(1, 98.0))
    near.update(result(0, 97.0))
    assert await names(near) == ["S98"]


async def test_rows_are_read_again_after_an_interruption_and_once_more(
    engine: AsyncEngine, near: NearLevels, clock: SwiftClock
) -> None:
    sink = SinkBench(engine)
    assert await names(near) == []
    sink.clock.time = clock.time = clock.time + timedelta(minutes=5)
    assert await names(near) == []  # the second read after the first
    near.mark_interrupted()
    await sink.take(result(0, 99.0))
    assert await names(near) == ["S99"]
    await sink.take(result(1, 98.0))  # its event was before the interruption's end, its row after the read
    assert await names(near) == ["S99"]
    clock.time += timedelta(minutes=1)
    assert await names(near) == ["S98"]


async def test_live_price_counts(engine: AsyncEngine, clock: SwiftClock) -> None:
    prices = LivePrices(clock)
    near = NearLevels(engine, prices, clock)
    await SinkBench(engine).take(result(0, 99.0))
    prices.update(
        PriceTicked(exchange="binance", market_type="spot", symbol="BTCUSDT", price=98.0, at=clock.now())
    )
    (hit,) = (await near.ask(NearQuestion())).hits
    assert (hit.last_price, hit.is_live, hit.side) == (98.0, True, "resistance")


async def test_index_that_is_loaded_early_answers_at_once(engine: AsyncEngine, clock: SwiftClock) -> None:
    await SinkBench(engine).take(result(0, 99.0))
    near = NearLevels(engine, LivePrices(clock), clock)
    await near.load_early()
    near.update(result(1, 98.0))  # it is kept, although nothing was asked yet
    assert await names(near) == ["S98"]


async def test_index_is_loaded_by_the_first_question_where_the_database_was_away(clock: SwiftClock) -> None:
    away = open_database("mysql+aiomysql://user:password@127.0.0.1:1/none")
    near = NearLevels(away, LivePrices(clock), clock)
    await near.load_early()
    with pytest.raises(Transient):
        await near.ask(NearQuestion())
    await away.dispose()


async def test_database_that_is_away_is_reported(clock: SwiftClock) -> None:
    away = open_database("mysql+aiomysql://user:password@127.0.0.1:1/none")
    near = NearLevels(away, LivePrices(clock), clock)
    with pytest.raises(Transient):
        await near.ask(NearQuestion())
    await away.dispose()


async def test_equal_questions_share_an_answer_until_something_changes(
    engine: AsyncEngine, near: NearLevels, clock: SwiftClock
) -> None:
    await SinkBench(engine).take(result(0, 99.0))
    await near.ask(NearQuestion())  # loads the table
    first = await near.ask_shared(NearQuestion())
    assert await near.ask_shared(NearQuestion(limit=1)) is not first
    clock.time += timedelta(seconds=1)
    assert await near.ask_shared(NearQuestion()) is first
    near.update(result(1, 98.0))
    assert await near.ask_shared(NearQuestion()) is not first
    clock.time += timedelta(seconds=6)
    second = await near.ask_shared(NearQuestion())
    near.update(result(2, 97.0))
    assert await near.ask_shared(NearQuestion()) is second  # within a quarter of a second
