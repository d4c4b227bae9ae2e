"""What only the in-process broker can show: its barrier, its retention by count, its fairness."""

import asyncio

import pytest

from broker.memory.broker import MemoryBroker
from broker.ports import CommitRefused, Edge, Message, Partition, RecordsLost
from runtime.errors import Transient
from schemas.topics import Topic
from tests.support.brokers import Watcher, fill, polling, take
from tests.support.deadlines import until, within


async def broker_with(topic: Topic, partitions: int = 1, **options: float) -> MemoryBroker:
    broker = MemoryBroker(**options)
    await broker.create_topics([topic], partitions=partitions, replication=1)
    return broker


async def test_memory_retention_keeps_the_newest_and_reports_the_loss() -> None:
    broker = await broker_with(Topic("t", memory_retention=3))
    async with broker.subscribe("g", ["t"], Watcher()) as consumer:
        await fill(broker, "t", 1)
        await take(consumer, 1)
        await fill(broker, "t", 5, first=1)
        with pytest.raises(RecordsLost, match="t/0: offsets 1 to 2"):
            await consumer.poll(10, 0.0)
        assert [record.offset for record in await take(consumer, 3)] == [3, 4, 5]


async def test_memory_consumer_reports_a_loss_beside_busy_partitions() -> None:
    broker = await broker_with(Topic("t", memory_retention=2), partitions=2)
    async with broker.subscribe("g", ["t"], Watcher()) as consumer:
        await consumer.poll(1, 0.0)
        for number in range(6):
            await broker.publish(Message("t", None, str(number).encode()))
        losses = 0
        for _ in range(2):
            with pytest.raises(RecordsLost):
                await consumer.poll(1, 0.0)
            losses += 1
        assert losses == 2


async def test_memory_consumer_starves_no_partition() -> None:
    broker = await broker_with(Topic("t"), partitions=3)
    for number in range(30):
        await broker.publish(Message("t", None, str(number).encode()))
    async with broker.subscribe("g", ["t"], Watcher()) as consumer:
        records = [record for _ in range(3) for record in await consumer.poll(5, 0.0)]
    assert {record.partition for record in records} == {0, 1, 2}


async def test_memory_group_drops_a_member_that_does_not_poll_until_it_returns() -> None:
    broker = await broker_with(Topic("t"), partitions=2, rebalance_timeout=0.05)
    await fill(broker, "t", 1)
    silent, lively = Watcher(), Watcher()
    async with broker.subscribe("g", ["t"], silent) as sleeper:
        (record,) = await take(sleeper, 1)
        async with broker.subscribe("g", ["t"], lively) as waker, polling(waker):
            await until(lambda: len(lively.partitions) == 2)
            with pytest.raises(CommitRefused):
                await sleeper.commit({record.source: 1})
            async with polling(sleeper):
                await until(lambda: len(silent.partitions) == len(lively.partitions) == 1)
    assert silent.revocations[0] == [Partition("t", 0), Partition("t", 1)]


async def test_memory_poll_wakes_for_a_new_record() -> None:
    broker = await broker_with(Topic("t"))
    async with broker.subscribe("g", ["t"], Watcher()) as consumer:
        waiting = asyncio.create_task(consumer.poll(1, 3_600.0))
        await asyncio.sleep(0)
        await fill(broker, "t", 1)
        assert len(await within(waiting, 1)) == 1


async def test_memory_poll_of_a_full_log_yields_to_other_tasks() -> None:
    broker = await broker_with(Topic("t"))
    await fill(broker, "t", 100)
    ran = asyncio.Event()
    async with broker.subscribe("g", ["t"], Watcher()) as consumer:
        asyncio.get_running_loop().call_soon(ran.set)
        await consumer.poll(1, 0.0)
        assert ran.is_set()


async def test_memory_close_ends_readers_and_refuses_publishers() -> None:
    broker = await broker_with(Topic("t"))
    async with broker.read(["t"], Edge.END) as reader:
        waiting = asyncio.ensure_future(anext(aiter(reader), None))
        await asyncio.sleep(0)
        await broker.close()
        assert await within(waiting, 1) is None
    with pytest.raises(Transient):
        await broker.publish(Message("t", None, b""))
    assert not await broker.is_reachable(1.0)


async def test_memory_broker_shows_committed_offsets() -> None:
    broker = await broker_with(Topic("t"))
    await fill(broker, "t", 3)
    assert broker.committed("g") == {}
    async with broker.subscribe("g", ["t"], Watcher()) as consumer:
        await take(consumer, 3)
        await consumer.commit({Partition("t", 0): 2})
    assert broker.committed("g") == {Partition("t", 0): 2}
