"""What the consumer loop promises to every role; one suite, on both brokers."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from broker.consumer.loop import ConsumerLoop
from broker.ports import Edge, Message, Partition, Record
from runtime.errors import Malformed, UnknownEventType
from tests.support.brokers import House, Watcher, fill, take
from tests.support.deadlines import until, within

POISON = b"\xff not for reading"
BIG = random.Random(7).randbytes(1_048_030) + bytes(450)  # gzip neither grows nor shrinks it
"""A message of this and little more is as large as a broker takes."""


@dataclass
class Role:
    """A handler that writes down what it gets, and may be held. `gate` is open at first."""

    handled: list[Record] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    started: list[Record] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    blocked: Callable[[Record], bool] = lambda _: True

    def decode(self, record: Record) -> Record:
        if record.value == POISON:
            raise Malformed("not for reading")
        return record

    def ordering_key(self, record: Record) -> Hashable:
        return record.key

    async def handle(self, batch: Sequence[Record]) -> None:
        self.started.extend(batch)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if any(map(self.blocked, batch)):
                await self.gate.wait()
        finally:
            self.running -= 1
        self.handled.extend(batch)
        self.batches.append(len(batch))

    def values(self, key: bytes) -> list[int]:
        return [int(record.value or b"") for record in self.handled if record.key == key]


@pytest.fixture
def group(unique: Callable[[str], str]) -> str:
    return unique("group")


@pytest.fixture
def role() -> Role:
    role = Role()
    role.gate.set()
    return role


class Loops:
    """Makes loops for a role, on topics of this test."""

    def __init__(self, house: House, group: str, topic: str, dead_letters: str) -> None:
        self.house, self.group, self.topic, self.dead_letters = house, group, topic, dead_letters

    def loop(self, role: Role, **options: object) -> ConsumerLoop[Record]:
        return ConsumerLoop(
            self.house.broker,
            self.group,
            [self.topic],
            decode=role.decode,
            ordering_key=role.ordering_key,
            handle=role.handle,
            dead_letters=self.dead_letters,
            commit_interval=0.0,
            **({"concurrency": 8} | options),  # type: ignore[arg-type]
        )

    @asynccontextmanager
    async def running(self, role: Role, **options: object) -> AsyncIterator[ConsumerLoop[Record]]:
        loop, stop = self.loop(role, **options), asyncio.Event()
        task = asyncio.create_task(loop.run(stop))
        try:
            yield loop
        finally:
            stop.set()
            await within(task)

    async def uncommitted(self, count: int) -> list[Record]:
        """What a new member of the group gets, which is to be `count` records."""
        async with self.house.broker.subscribe(self.group, [self.topic], Watcher()) as consumer:
            records = await take(consumer, count)
            return [*records, *await within(consumer.poll(10, 0.3))]


@pytest.fixture
async def loops(house: House, group: str) -> Loops:
    return Loops(house, group, await house.topic(partitions=2), await house.topic())


async def publish(loops: Loops, key: bytes, *numbers: int) -> None:
    for number in numbers:
        await within(loops.house.broker.publish(Message(loops.topic, key, str(number).encode())))


def done(loop: ConsumerLoop[Record], count: int) -> Callable[[], bool]:
    return lambda: sum(loop.state.committed.values()) == count


async def test_loop_handles_each_key_in_order_and_commits_everything(loops: Loops, role: Role) -> None:
    keys = [f"market-{n}".encode() for n in range(10)]
    for number in range(20):
        await asyncio.gather(*(publish(loops, key, number) for key in keys))
    async with loops.running(role) as loop:
        await until(done(loop, 200))
    assert all(role.values(key) == list(range(20)) for key in keys)


async def test_loop_runs_keys_in_parallel_up_to_its_concurrency(loops: Loops, role: Role) -> None:
    role.gate.clear()
    for number in range(10):
        await publish(loops, f"market-{number}".encode(), number)
    async with loops.running(role, concurrency=4) as loop:
        await until(lambda: role.running == 4)
        await until(lambda: loop.state.in_flight == 10)
        assert role.most_running == 4
        role.gate.set()
        await until(done(loop, 10))
    assert role.most_running == 4


async def test_loop_goes_on_with_other_keys_while_one_is_blocked(loops: Loops, role: Role) -> None:
    role.gate.clear()
    role.blocked = lambda record: record.key == b"slow"
    await publish(loops, b"slow", 0)
    for number in range(10):
        await publish(loops, f"fast-{number}".encode(), number)
    async with loops.running(role):
        await until(lambda: len(role.handled) == 10)
        assert role.values(b"slow") == []
        role.gate.set()


async def test_loop_hands_waiting_records_of_a_key_over_as_one_batch(loops: Loops, role: Role) -> None:
    role.gate.clear()
    await publish(loops, b"k", 0)
    async with loops.running(role, batch_limit=6) as loop:
        await until(lambda: role.running == 1)
        await publish(loops, b"k", *range(1, 10))
        await until(lambda: loop.state.in_flight == 10)
        role.gate.set()
        await until(done(loop, 10))
    assert role.batches == [1, 6, 3]
    assert role.values(b"k") == list(range(10))


async def test_loop_lingers_until_a_batch_is_full(loops: Loops, role: Role) -> None:
    await asyncio.gather(*(publish(loops, b"k", number) for number in range(5)))
    async with loops.running(role, batch_limit=5, linger=30.0) as loop:
        await until(done(loop, 5))  # full before it has lingered
    async with loops.running(role, batch_limit=5, linger=0.05) as loop:
        await publish(loops, b"k", 5)
        await until(lambda: len(role.handled) == 6)  # never full
    assert role.batches == [5, 1]


async def test_loop_commits_nothing_above_an_unfinished_record(loops: Loops, role: Role) -> None:
    role.gate.clear()
    role.blocked = lambda record: record.key == b"slow"
    topic = await loops.house.topic()
    loops.topic = topic
    await publish(loops, b"a", 0)
    await publish(loops, b"slow", 1)
    await publish(loops, b"b", 2, 3)
    async with loops.running(role) as loop:
        await until(lambda: len(role.handled) == 3)
        await until(done(loop, 1))
        assert loop.state.in_flight == 1
        role.gate.set()
        await until(done(loop, 4))


async def test_loop_repeats_exactly_the_unfinished_records_after_a_crash(loops: Loops, role: Role) -> None:
    role.gate.clear()
    role.blocked = lambda record: record.value in {b"3", b"4"}
    loops.topic = await loops.house.topic()
    await publish(loops, b"k", *range(5))
    loop = loops.loop(role)
    task = asyncio.create_task(loop.run(asyncio.Event()))
    await until(done(loop, 3))
    await until(lambda: role.running == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(task)
    again = Role()
    again.gate.set()
    async with loops.running(again) as loop:
        await until(done(loop, 5))
    assert again.values(b"k") == [3, 4]


async def test_loop_dead_letters_undecodable_bytes_unchanged(loops: Loops, role: Role) -> None:
    broker, headers = loops.house.broker, (("content-type", b"text/plain"),)
    bad = await within(broker.publish(Message(loops.topic, b"k", POISON, headers)))
    await publish(loops, b"k", 1)
    async with loops.running(role) as loop, broker.read([loops.dead_letters], Edge.BEGINNING) as reader:
        letter = await within(anext(aiter(reader)))
        await until(done(loop, 2))
    assert (letter.key, letter.value, letter.headers[:1]) == (b"k", POISON, headers)
    added = dict(letter.headers[1:])
    assert added["strandline_dl_topic"] == loops.topic.encode()
    assert (added["strandline_dl_partition"], added["strandline_dl_offset"]) == (
        str(bad.partition).encode(),
        b"0",
    )
    assert added["strandline_dl_error"] == b"not for reading"
    assert added["strandline_dl_time"].endswith(b"Z")
    assert role.values(b"k") == [1]


async def test_loop_skips_newer_event_and_commits_past_it(loops: Loops, role: Role) -> None:
    def skip_first(record: Record) -> Record:
        if record.value == b"0":
            raise UnknownEventType("of version 2")
        return record

    role.decode = skip_first  # type: ignore[method-assign]
    await publish(loops, b"k", 0, 1, 0)
    async with loops.running(role) as loop:
        await until(done(loop, 3))
    assert role.values(b"k") == [1]


async def test_loop_dead_letters_a_record_without_key_and_value(loops: Loops, role: Role) -> None:
    def refuse(record: Record) -> Record:
        raise Malformed("nothing there")

    role.decode = refuse  # type: ignore[method-assign]
    await within(loops.house.broker.publish(Message(loops.topic, None, None)))
    async with (
        loops.running(role) as loop,
        loops.house.broker.read([loops.dead_letters], Edge.BEGINNING) as reader,
    ):
        letter = await within(anext(aiter(reader)))
        await until(done(loop, 1))
    assert (letter.key, letter.value) == (None, None)


@pytest.mark.parametrize("big", [{"key": BIG}, {"headers": (("x", BIG),)}], ids=["key", "header"])
async def test_loop_goes_on_after_a_record_too_large_for_the_dead_letters(
    loops: Loops, role: Role, big: dict[str, Any]
) -> None:
    record = replace(Message(loops.topic, None, POISON), **big)
    await within(loops.house.broker.publish(record))
    await publish(loops, b"k", 1)
    async with (
        loops.running(role) as loop,
        loops.house.broker.read([loops.dead_letters], Edge.BEGINNING) as reader,
    ):
        letter = await within(anext(aiter(reader)))
        await until(done(loop, 2))
    assert (letter.key, letter.value) == (None, None)
    headers = dict(letter.headers)
    assert all(name.startswith("strandline_dl_") for name in headers)
    assert headers["strandline_dl_topic"] == loops.topic.encode()
    assert b"left out" in headers["strandline_dl_error"]


async def test_loop_stop_finishes_running_work_and_commits_it(loops: Loops, role: Role) -> None:
    role.gate.clear()
    loops.topic = await loops.house.topic()
    await publish(loops, b"k", 0, 1)
    loop, stop = loops.loop(role), asyncio.Event()
    task = asyncio.create_task(loop.run(stop))
    await until(lambda: role.running == 1)
    stop.set()
    await until(lambda: loop.state.draining)
    assert not task.done()
    role.gate.set()
    await within(task)
    assert role.values(b"k") == [0], "nothing new is begun"
    assert [record.value for record in await loops.uncommitted(1)] == [b"1"]


async def test_loop_stop_leaves_work_that_outlasts_the_drain_uncommitted(loops: Loops, role: Role) -> None:
    role.gate.clear()
    loops.topic = await loops.house.topic()
    await publish(loops, b"k", 0)
    loop, stop = loops.loop(role, drain_timeout=0.05), asyncio.Event()
    task = asyncio.create_task(loop.run(stop))
    await until(lambda: role.running == 1)
    stop.set()
    await within(task)
    assert role.running == 0
    assert [record.value for record in await loops.uncommitted(1)] == [b"0"]


async def test_loop_stops_for_a_handler_bug_after_other_batches_end(loops: Loops, role: Role) -> None:
    async def handle(batch: Sequence[Record]) -> None:
        if batch[0].key == b"bug":
            await until(lambda: role.running == 1)
            raise ZeroDivisionError("a bug")
        await Role.handle(role, batch)

    role.gate.clear()
    role.handle = handle  # type: ignore[method-assign]
    loops.topic = await loops.house.topic()
    await publish(loops, b"good", 0)
    await publish(loops, b"bug", 1)
    loop = loops.loop(role)
    task = asyncio.create_task(loop.run(asyncio.Event()))
    await until(lambda: loop.state.running == 1 and role.running == 1)
    role.gate.set()
    with pytest.raises(ZeroDivisionError):
        await within(task)
    assert role.values(b"good") == [0]
    assert [record.value for record in await loops.uncommitted(1)] == [b"1"]


async def test_loop_stops_for_a_decoder_bug(loops: Loops, role: Role) -> None:
    def broken(record: Record) -> Record:
        raise ZeroDivisionError("a bug")

    role.decode = broken  # type: ignore[method-assign]
    await publish(loops, b"k", 0)
    with pytest.raises(ZeroDivisionError):
        await within(loops.loop(role).run(asyncio.Event()))
    assert len(await loops.uncommitted(1)) == 1


async def test_loop_pauses_and_resumes_a_partition_at_its_window(loops: Loops, role: Role) -> None:
    role.gate.clear()
    role.blocked = lambda record: record.value == b"0"
    loops.topic = await loops.house.topic()
    await fill(loops.house.broker, loops.topic, 40)
    async with loops.running(role, window=10) as loop:
        await until(lambda: loop.state.paused == {Partition(loops.topic, 0)})
        assert loop.state.in_flight <= 20
        role.gate.set()
        await until(done(loop, 40))
        assert not loop.state.paused
    assert role.values(b"k") == list(range(40))


async def test_loop_takes_over_its_share_when_it_joins(loops: Loops, role: Role, group: str) -> None:
    other = Role()
    other.gate.set()
    async with loops.running(role) as first:
        await until(lambda: len(first.state.assigned) == 2)
        async with loops.running(other) as second:
            await until(lambda: len(first.state.assigned) == len(second.state.assigned) == 1)
            for number in range(20):
                await publish(loops, str(number).encode(), number)
            await until(lambda: len(role.handled) + len(other.handled) == 20)
    handled: dict[bytes | None, int] = defaultdict(int)
    for record in [*role.handled, *other.handled]:
        handled[record.value] += 1
    assert set(handled.values()) == {1}


async def test_loop_commits_no_work_that_ends_after_revocation(loops: Loops, role: Role) -> None:
    role.gate.clear()
    for number in range(8):
        await publish(loops, str(number).encode(), number)
    other = Role()
    other.gate.set()
    async with loops.running(role, concurrency=8) as first:
        await until(lambda: role.running == 8)
        async with loops.running(other) as second:
            await until(lambda: len(second.state.assigned) == 1)
            theirs = {r.value for r in role.started if r.source in second.state.assigned}
            await until(lambda: {r.value for r in other.handled} == theirs)
            assert first.state.assigned.isdisjoint(second.state.assigned)
            # What went to the other is given up here; what came back is left to end, and done once more.
            await until(lambda: role.running == 8 - len(theirs))
            role.gate.set()
            await until(lambda: len(role.handled) == 2 * (8 - len(theirs)))
            await until(lambda: not first.state.in_flight)
    assert {r.value for r in role.handled}.isdisjoint(theirs)


async def test_loop_keeps_a_batch_with_records_of_a_held_partition(loops: Loops, role: Role) -> None:
    """One ordering key for all partitions, as in the sink."""
    role.gate.clear()
    role.ordering_key = lambda record: "all"  # type: ignore[method-assign]
    for number in range(8):
        await publish(loops, str(number).encode(), number)
    async with loops.running(role, batch_limit=8, linger=5.0):
        await until(lambda: role.running == 1)
        assert len({record.source for record in role.started}) == 2
        other = Role()
        other.gate.set()
        async with loops.running(other) as second:
            await until(lambda: len(second.state.assigned) == 1 and len(other.handled) > 0)
            assert role.running == 1
            role.gate.set()
            await until(lambda: len(role.handled) >= 8)
