"""A consumer that meets a flood of what it cannot read goes no further, and loses nothing; on both brokers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from broker.consumer.loop import ConsumerLoop
from broker.dead_letters.limit import DeadLetterFlood, DeadLetterLimit, DeadLetterLimitExceeded
from broker.ports import Message, Record
from tests.contract.broker.test_consumer_loop import POISON, Loops, Role
from tests.support.brokers import House
from tests.support.deadlines import until, within

LIMIT = DeadLetterLimit(consecutive=3, ratio=1.0)


@pytest.fixture
async def loops(house: House, unique: Callable[[str], str]) -> Loops:
    return Loops(house, unique("group"), await house.topic(), await house.topic())


@pytest.fixture
def role() -> Role:
    role = Role()
    role.gate.set()
    return role


@asynccontextmanager
async def running(loops: Loops, role: Role) -> AsyncIterator[ConsumerLoop[Record]]:
    async with loops.running(role, dead_letter_limit=LIMIT) as loop:
        yield loop


async def publish(loops: Loops, *values: bytes) -> None:
    for value in values:
        await within(loops.house.broker.publish(Message(loops.topic, b"k", value)))


async def letters(loops: Loops, count: int) -> list[int]:
    """Where the letters came from; exactly so many."""
    reader = Loops(loops.house, f"{loops.group}-letters", loops.dead_letters, loops.dead_letters)
    return [int(dict(one.headers)["strandline_dl_offset"]) for one in await reader.uncommitted(count)]


async def test_flood_pauses_the_loop_and_gives_the_reason(loops: Loops, role: Role) -> None:
    await publish(loops, b"0", *[POISON] * 6, b"7")
    async with running(loops, role) as loop:
        await until(lambda: loop.state.flood is not None and sum(loop.state.committed.values()) == 4)
        reason = loop.state.flood or ""
        assert f"{loops.topic}/0@4: not for reading" in reason
        assert "strandline dead-letters list" in reason
        await until(lambda: loop.state.paused == loop.state.assigned != frozenset())
        await publish(loops, b"8")
        turns = loop.state.last_poll_at
        await until(lambda: loop.state.last_poll_at > turns)  # alive: it goes on polling
        assert [record.value for record in role.handled] == [b"0"]
    assert [record.offset for record in await loops.uncommitted(5)] == [4, 5, 6, 7, 8]
    assert await letters(loops, 3) == [1, 2, 3]


async def test_flood_is_read_by_a_loop_started_without_a_limit(loops: Loops, role: Role) -> None:
    await publish(loops, *[POISON] * 6, b"6")
    async with running(loops, role) as loop:
        await until(lambda: loop.state.flood is not None and sum(loop.state.committed.values()) == 3)
    async with loops.running(role, dead_letter_limit=DeadLetterLimit(0, 1.0)) as loop:
        await until(lambda: sum(loop.state.committed.values()) == 7)
    assert [record.value for record in role.handled] == [b"6"]
    assert sorted(await letters(loops, 6)) == [0, 1, 2, 3, 4, 5]


async def test_flood_lets_records_before_it_finish(loops: Loops, role: Role) -> None:
    role.gate.clear()
    await publish(loops, b"0", *[POISON] * 4)
    async with running(loops, role) as loop:
        await until(lambda: loop.state.flood is not None)
        role.gate.set()
        await until(lambda: sum(loop.state.committed.values()) == 4)


class Refusing(Role):
    """Cannot do what its records ask for, and would have to give up too many of them."""

    async def handle(self, batch: Sequence[Record]) -> None:
        if bad := [record for record in batch if record.value == b"bad"]:
            raise DeadLetterLimitExceeded(bad[0], "too many are rejected", "no such column")
        await super().handle(batch)


async def test_flood_begins_when_the_handler_exceeds_the_limit(loops: Loops) -> None:
    role = Refusing()
    role.gate.set()
    await publish(loops, b"0", b"bad", b"2")
    async with running(loops, role) as loop:
        await until(lambda: loop.state.flood is not None and sum(loop.state.committed.values()) == 1)
        assert f"too many are rejected; the last is at {loops.topic}/0@1: no such column" in (
            loop.state.flood or ""
        )
        await until(lambda: loop.state.paused == loop.state.assigned != frozenset())
    left = [record.offset for record in await loops.uncommitted(2)]
    assert left[-2:] == [1, 2]


async def test_flood_of_the_handler_finishes_what_precedes_it_in_its_batch(loops: Loops) -> None:
    """A restart then goes on from the record of the flood, and does not repeat what was dead-lettered before it."""
    role = Refusing()
    await publish(loops, b"0", b"1", b"2", b"bad", b"4")
    async with loops.running(role, dead_letter_limit=LIMIT, batch_limit=5, linger=5.0) as loop:
        role.gate.set()
        await until(lambda: loop.state.flood is not None and sum(loop.state.committed.values()) == 3)
    assert [record.offset for record in await loops.uncommitted(2)][-2:] == [3, 4]


async def test_flood_of_the_handler_ends_the_loop_with_exit_on_flood(loops: Loops) -> None:
    role = Refusing()
    role.gate.set()
    await publish(loops, b"bad")
    loop = loops.loop(role, dead_letter_limit=LIMIT, exit_on_flood=True)
    with pytest.raises(DeadLetterFlood, match="too many are rejected"):
        await within(loop.run(asyncio.Event()))
    assert [record.offset for record in await loops.uncommitted(1)] == [0]


async def test_flood_ends_the_loop_with_exit_on_flood(loops: Loops, role: Role) -> None:
    await publish(loops, b"0", *[POISON] * 5)
    loop = loops.loop(role, dead_letter_limit=LIMIT, exit_on_flood=True)
    with pytest.raises(DeadLetterFlood, match="more than 3 records in a row"):
        await within(loop.run(asyncio.Event()))
    assert [record.value for record in role.handled] == [b"0"]
    left = [record.offset for record in await loops.uncommitted(2)]
    assert left[-2:] == [4, 5]
    # Burials that had not begun are left for the next start, as all work is at a stop.
    assert [*range(1, left[0]), *left] == [1, 2, 3, 4, 5]
    assert await letters(loops, left[0] - 1) == list(range(1, left[0]))


async def test_flood_does_not_begin_for_scattered_dead_letters(loops: Loops, role: Role) -> None:
    await publish(loops, *([POISON] * 3 + [b"3"]) * 5)
    async with running(loops, role) as loop:
        await until(lambda: sum(loop.state.committed.values()) == 20)
        assert loop.state.flood is None
