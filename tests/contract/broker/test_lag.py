"""How far groups are behind, as both brokers tell it."""

from collections.abc import Callable

from broker.ports import Message, Partition
from tests.support.brokers import House, Watcher, fill, take
from tests.support.deadlines import within


async def test_lag_is_what_is_published_and_not_committed(house: House, unique: Callable[[str], str]) -> None:
    topic, group, idle = await house.topic(), unique("group"), unique("idle")
    await fill(house.broker, topic, 7)
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        await take(consumer, 7)
        await within(consumer.commit({Partition(topic, 0): 4}))
        lag = await house.broker.lag({group: [topic], idle: [topic]}, timeout=20)
        assert await within(consumer.lag(), 20) == {Partition(topic, 0): 3}
    assert lag == {group: {Partition(topic, 0): 3}, idle: {Partition(topic, 0): 7}}


async def test_oldest_uncommitted_record_is_found_by_its_time(
    house: House, unique: Callable[[str], str]
) -> None:
    topic, group, idle = await house.topic(partitions=2), unique("group"), unique("idle")
    records = [await within(house.broker.publish(Message(topic, b"k", b"{}"))) for _ in range(4)]
    at = records[0].source
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        await take(consumer, 4)
        await within(consumer.commit({at: 3}))
        oldest = await house.broker.oldest_uncommitted({group: [topic], idle: [topic]}, timeout=20)
        assert oldest == {group: {at: records[3].timestamp_ms}, idle: {at: records[0].timestamp_ms}}
        await within(consumer.commit({at: 4}))
        assert await house.broker.oldest_uncommitted({group: [topic]}, timeout=20) == {group: {}}


async def test_lag_includes_an_optional_group_once_it_has_committed(
    house: House, unique: Callable[[str], str]
) -> None:
    topic, group, idle = await house.topic(), unique("group"), unique("idle")
    await fill(house.broker, topic, 3)
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        await take(consumer, 3)
        await within(consumer.commit({Partition(topic, 0): 1}))
    lag = await house.broker.lag({group: [topic], idle: [topic]}, timeout=20, optional={group, idle})
    assert lag == {group: {Partition(topic, 0): 2}}


async def test_lag_counts_every_partition_and_no_missing_topic(
    house: House, unique: Callable[[str], str]
) -> None:
    topic, group = await house.topic(partitions=3), unique("group")
    await fill(house.broker, topic, 2, key=None)
    lag = await house.broker.lag({group: [topic, unique("nowhere")]}, timeout=20)
    assert set(lag[group]) == {Partition(topic, number) for number in range(3)}
    assert sum(lag[group].values()) == 2


async def test_lag_does_not_count_records_that_retention_removed(
    house: House, unique: Callable[[str], str]
) -> None:
    topic, group = await house.topic(forgetful=True), unique("group")
    await fill(house.broker, topic, 8)
    await house.lose_before(Partition(topic, 0), 3)
    lag = await house.broker.lag({group: [topic]}, timeout=20)
    assert lag == {group: {Partition(topic, 0): 5}}
