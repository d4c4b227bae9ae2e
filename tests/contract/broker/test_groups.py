"""What a broker promises to the members of a consumer group; one suite, both adapters."""

import asyncio
from collections.abc import Callable

import pytest

from broker.ports import CommitRefused, Consumer, Partition, RecordsLost
from schemas.topics import Topic
from tests.support.brokers import KEPT, House, Watcher, fill, polling, take
from tests.support.deadlines import until, within


@pytest.fixture
def group(unique: Callable[[str], str]) -> str:
    return unique("group")


async def test_group_starts_at_the_beginning(house: House, group: str) -> None:
    topic = await house.topic()
    await fill(house.broker, topic, 3)
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        assert [record.offset for record in await take(consumer, 3)] == [0, 1, 2]


async def test_consumer_reports_an_assignment_before_its_records(house: House, group: str) -> None:
    topic = await house.topic(partitions=3)
    for number in range(9):
        await fill(house.broker, topic, 1, key=str(number).encode())
    watcher = Watcher()
    async with house.broker.subscribe(group, [topic], watcher) as consumer, asyncio.timeout(20):
        seen = 0
        while seen < 9:
            records = await consumer.poll(2, 0.5)
            assert {record.source for record in records} <= watcher.partitions
            assert len(records) <= 2
            seen += len(records)
    assert watcher.partitions == {Partition(topic, number) for number in range(3)}


async def test_poll_returns_nothing_after_its_timeout(house: House, group: str) -> None:
    topic = await house.topic()
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        assert await within(consumer.poll(10, 0.05)) == []


async def test_consumer_resumes_at_its_committed_offset(house: House, group: str) -> None:
    topic = await house.topic()
    await fill(house.broker, topic, 5)
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        await take(consumer, 4)
        await within(consumer.commit({Partition(topic, 0): 2}))
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        assert [record.offset for record in await take(consumer, 3)] == [2, 3, 4]


async def test_groups_do_not_share_offsets(house: House, unique: Callable[[str], str]) -> None:
    topic = await house.topic()
    await fill(house.broker, topic, 2)
    for _ in range(2):
        async with house.broker.subscribe(unique("group"), [topic], Watcher()) as consumer:
            assert len(await take(consumer, 2)) == 2
            await within(consumer.commit({Partition(topic, 0): 2}))


async def test_members_share_the_partitions(house: House, group: str) -> None:
    topic = await house.topic(partitions=4)
    everything = {Partition(topic, number) for number in range(4)}
    one, two = Watcher(), Watcher()
    async with house.broker.subscribe(group, [topic], one) as first, polling(first):
        await until(lambda: one.partitions == everything)
        async with house.another().subscribe(group, [topic], two) as second, polling(second):
            await until(lambda: len(one.partitions) == len(two.partitions) == 2)
            assert one.partitions | two.partitions == everything
            assert one.revocations, "nothing is given to another before it was taken from its owner"
        await until(lambda: one.partitions == everything)


async def test_members_receive_every_record_once(house: House, group: str) -> None:
    topic = await house.topic(partitions=4)
    one, two = Watcher(), Watcher()
    async with (
        house.broker.subscribe(group, [topic], one) as first,
        house.another().subscribe(group, [topic], two) as second,
        polling(first) as of_first,
        polling(second) as of_second,
    ):
        await until(lambda: len(one.partitions) == len(two.partitions) == 2)
        for number in range(40):
            await fill(house.broker, topic, 1, key=str(number).encode(), first=number)
        await until(lambda: len(of_first) + len(of_second) >= 40)
        assert sorted(int(r.value or b"") for r in [*of_first, *of_second]) == list(range(40))
        assert {r.source for r in of_first} <= one.partitions


async def test_commit_after_revocation_is_refused(house: House, group: str) -> None:
    topic = await house.topic(partitions=2)
    for number in range(8):
        await fill(house.broker, topic, 1, key=str(number).encode())
    one, two = Watcher(), Watcher()
    async with house.broker.subscribe(group, [topic], one) as first:
        records = await take(first, 8)
        async with (
            polling(first),
            house.another().subscribe(group, [topic], two) as second,
            polling(second),
        ):
            await until(lambda: len(one.partitions) == len(two.partitions) == 1)
            late = {r.source: r.offset + 1 for r in records if r.source in two.partitions}
            with pytest.raises(CommitRefused):
                await within(first.commit(late))


async def test_commit_during_revocation_counts(house: House, group: str) -> None:
    topic = await house.topic(partitions=2)
    for number in range(8):
        await fill(house.broker, topic, 1, key=str(number).encode())

    class LastWord(Watcher):
        async def on_revoked(self, partitions: object) -> None:
            await within(first.commit(done))
            self.moved.set()

    one, two = LastWord(), Watcher()
    async with house.broker.subscribe(group, [topic], one) as first:
        done = {record.source: record.offset + 1 for record in await take(first, 8)}
        async with (
            polling(first) as again,
            house.another().subscribe(group, [topic], two) as second,
            polling(second) as of_second,
        ):
            await until(lambda: len(two.partitions) == 1)
            await fill(house.broker, topic, 1, key=b"0", first=8)
            await fill(house.broker, topic, 1, key=b"1", first=9)
            await until(lambda: len(again) + len(of_second) >= 2)
            assert {record.value for record in [*again, *of_second]} == {b"8", b"9"}


async def test_commit_after_leaving_is_refused(house: House, group: str) -> None:
    topic = await house.topic()
    await fill(house.broker, topic, 1)
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        await take(consumer, 1)
    with pytest.raises(CommitRefused):
        await within(consumer.commit({Partition(topic, 0): 1}))


async def test_pause_silences_a_partition_until_resume(house: House, group: str) -> None:
    topic = await house.topic(partitions=2)
    watcher = Watcher()
    async with house.broker.subscribe(group, [topic], watcher) as consumer:
        await assigned(consumer, watcher, 2)
        held = Partition(topic, 0)
        consumer.pause([held])
        for number in range(20):
            await fill(house.broker, topic, 1, key=str(number).encode(), first=number)
        others = []
        while not others:
            others += await within(consumer.poll(100, 0.5))
        others += await within(consumer.poll(100, 0.5))
        assert {record.source for record in others} == {Partition(topic, 1)}
        consumer.resume([held])
        assert {record.source for record in await take(consumer, 20 - len(others))} == {held}


async def test_consumer_stays_a_member_with_everything_paused(house: House, group: str) -> None:
    topic = await house.topic()
    await fill(house.broker, topic, 3)
    watcher = Watcher()
    async with house.broker.subscribe(group, [topic], watcher) as consumer:
        (first,) = await take(consumer, 1)
        consumer.pause([first.source])
        for _ in range(3):
            assert await within(consumer.poll(10, 0.1)) == []
        await within(consumer.commit({first.source: 1}))
        consumer.resume([first.source])
        assert [record.offset for record in await take(consumer, 2)] == [1, 2]
    assert not watcher.revocations


async def test_poll_raises_records_lost_to_retention_once(house: House, group: str) -> None:
    topic = await house.topic(forgetful=True)
    await fill(house.broker, topic, 3)
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        await take(consumer, 3)
        await within(consumer.commit({Partition(topic, 0): 2}))
    await fill(house.broker, topic, 2 + KEPT, first=3)
    await house.lose_before(Partition(topic, 0), 5)
    async with house.broker.subscribe(group, [topic], Watcher()) as consumer:
        with pytest.raises(RecordsLost, match=f"{topic}/0: offsets 2 to 4"):
            await take(consumer, 1)
        assert [record.offset for record in await take(consumer, KEPT)] == [5, 6, 7, 8, 9]


async def test_consumer_finds_a_topic_created_after_it_joined(
    house: House, unique: Callable[[str], str]
) -> None:
    late, watcher = unique("topic"), Watcher()
    async with (
        house.broker.subscribe(unique("group"), [late], watcher) as consumer,
        polling(consumer) as records,
    ):
        await asyncio.sleep(0)
        await house.broker.create_topics([Topic(late)], partitions=1, replication=1)
        await fill(house.broker, late, 1)
        await until(lambda: len(records) == 1, 40)


async def test_consumer_leaves_in_bounded_time(house: House, group: str) -> None:
    topic = await house.topic()
    async with asyncio.timeout(10), house.broker.subscribe(group, [topic], Watcher()) as consumer:
        await consumer.poll(1, 0.0)


async def assigned(consumer: Consumer, watcher: Watcher, partitions: int) -> None:
    async with asyncio.timeout(20):
        while len(watcher.partitions) < partitions:
            assert await consumer.poll(1, 0.2) == []


async def test_consumer_reports_an_empty_assignment(house: House, unique: Callable[[str], str]) -> None:
    """It may still be working on what was its own, and has to know that it is another's now."""
    topic, group, watchers = await house.topic(), unique("group"), [Watcher(), Watcher()]
    async with (
        house.broker.subscribe(group, [topic], watchers[0]) as one,
        house.broker.subscribe(group, [topic], watchers[1]) as two,
        polling(one),
        polling(two),
    ):
        for watcher in watchers:
            await within(watcher.moved.wait())
        await until(lambda: sum(len(watcher.partitions) for watcher in watchers) == 1)
