"""A request sent from the command line waits for its answer, and finds an earlier one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Message
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.topics import REQUESTS, TOPICS, encode_completed, encode_failed
from strandline.request.existing_answers import RequestIdTaken, find_in_database, find_on_topic
from strandline.request.reply import AnswerTimeout, request_over_kafka
from tests.support.deadlines import until, within
from tests.support.events import make_completed, make_failed, make_market, make_request
from tests.support.sinks import SinkBench, upgraded


@pytest.fixture
async def broker() -> AsyncIterator[MemoryBroker]:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=2, replication=1)
    try:
        yield broker
    finally:
        await broker.close()


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    async with upgraded(sqlite_url) as engine:
        yield engine


async def answer(broker: Broker, *events: AnalysisCompleted | AnalysisFailed) -> None:
    for event in events:
        encode = encode_completed if isinstance(event, AnalysisCompleted) else encode_failed
        await broker.publish(Message(*encode(event, source="test")))


def find_on(broker: Broker) -> object:
    return lambda request: find_on_topic(broker, request)


async def test_request_finds_an_earlier_answer_on_the_topic(broker: MemoryBroker) -> None:
    request = make_request(request_id="my-7")
    other = make_completed(make_market("ETHUSDT"), request_ids=["my-77"])
    await answer(broker, make_completed(request_ids=["my-7"], last_price=1.0), other)
    found = await within(request_over_kafka(broker, request, wait=20, find_earlier=find_on(broker)))  # type: ignore[arg-type]
    assert isinstance(found.found, AnalysisCompleted)
    assert found.found.last_price == 1.0
    assert found.payload["request_ids"] == ["my-7"]


async def test_request_waits_for_a_new_answer(broker: MemoryBroker) -> None:
    """An old failure is no answer: sent again, a request that failed is tried again."""
    request = make_request(request_id="my-7")
    await answer(broker, make_failed(request_ids=["my-7"]))
    asking = asyncio.create_task(request_over_kafka(broker, request, wait=20, find_earlier=find_on(broker)))  # type: ignore[arg-type]
    await until(lambda: any(log.next for log in broker._topics[REQUESTS.name]))
    assert not asking.done()
    await answer(broker, make_completed(request_ids=["my-7"], last_price=2.0))
    found = (await within(asking)).found
    assert found is not None
    assert found.last_price == 2.0


async def test_request_times_out_without_an_answer(broker: MemoryBroker) -> None:
    with pytest.raises(AnswerTimeout, match="no answer to my-7"):
        await within(
            request_over_kafka(
                broker, make_request(request_id="my-7"), wait=0.05, find_earlier=find_on(broker)
            )
        )  # type: ignore[arg-type]


async def test_request_refuses_an_id_of_another_market(broker: MemoryBroker) -> None:
    await answer(broker, make_completed(make_market("ETHUSDT"), request_ids=["my-7"]))
    with pytest.raises(RequestIdTaken, match="belongs to a request for binance:spot:ETHUSDT:1h"):
        await within(find_on_topic(broker, make_request(request_id="my-7")))


async def test_request_finds_an_earlier_answer_in_the_database(engine: AsyncEngine, sqlite_url: str) -> None:
    bench = SinkBench(engine)
    await bench.take(
        make_completed(request_ids=["done"], last_price=3.0), make_failed(request_ids=["failed"])
    )
    found = await find_in_database(sqlite_url, make_request(request_id="done"))
    assert found is not None
    assert (found.symbol, found.last_price) == ("BTCUSDT", 3.0)
    assert await find_in_database(sqlite_url, make_request(request_id="failed")) is None
    assert await find_in_database(sqlite_url, make_request(request_id="new")) is None
    with pytest.raises(RequestIdTaken):
        await find_in_database(sqlite_url, make_request(make_market("ETHUSDT"), request_id="done"))
