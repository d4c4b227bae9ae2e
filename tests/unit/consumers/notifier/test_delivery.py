"""Delivery retries until its deadline, and an unreachable target holds up no other."""

import asyncio
from datetime import timedelta

from broker.memory.broker import MemoryBroker
from broker.ports import Edge
from consumers.notifier.delivery import MAX_REFUSALS, deliver
from consumers.notifier.handler import Notifier
from consumers.notifier.targets import TargetRefused
from runtime.errors import Permanent, Transient
from schemas.topics import DEAD_LETTERS, TOPICS
from schemas.watch_events import WatchFired
from tests.support.deadlines import within
from tests.support.events import NOON
from tests.support.fires import FIRE_ID, a_fire, fire_record
from tests.support.sinks import SwiftClock


class ScriptedTarget:
    """Raises each of `errors` in turn, then accepts every fire; with `always` it raises the first error every time."""

    kind = "webhook"

    def __init__(self, *errors: Exception, always: bool = False, name: str = "webhook 1") -> None:
        self.name = name
        self._errors = list(errors)
        self._always = always
        self.taken: list[str] = []
        self.attempts = 0

    async def send(self, fire: WatchFired) -> None:
        self.attempts += 1
        if self._errors:
            raise self._errors[0] if self._always else self._errors.pop(0)
        self.taken.append(fire.fire_id)

    async def close(self) -> None: ...


async def deliver_to(target: ScriptedTarget, clock: SwiftClock, left: float = 900.0) -> str | None:
    return await deliver(target, a_fire(), left=left, clock=clock, draw=lambda: 0.5)


async def test_delivery_retries_with_growing_delays_until_accepted() -> None:
    clock = SwiftClock()
    target = ScriptedTarget(Transient("HTTP 500"), Transient("HTTP 500"), Transient("HTTP 500"))
    assert await deliver_to(target, clock) is None
    assert (target.taken, clock.slept) == ([FIRE_ID], [0.5, 1.0, 2.0])


async def test_delivery_waits_for_retry_after() -> None:
    clock = SwiftClock()
    assert await deliver_to(ScriptedTarget(Transient("slow down", retry_after=40.0)), clock) is None
    assert clock.slept == [40.5]


async def test_delivery_is_abandoned_after_its_deadline() -> None:
    clock = SwiftClock()
    target = ScriptedTarget(Transient("HTTP 500"), always=True)
    reason = await deliver_to(target, clock, left=900.0)
    assert reason is not None
    assert "webhook 1" in reason
    assert "HTTP 500" in reason
    assert sum(clock.slept) == 900.0
    assert target.attempts < 60


async def test_delivery_does_not_retry_permanent_error() -> None:
    target = ScriptedTarget(Permanent("internal", "a redirect"), always=True)
    assert "a redirect" in (await deliver_to(target, SwiftClock()) or "")
    assert target.attempts == 1


async def test_delivery_to_a_target_that_refuses_ends_after_a_few_attempts() -> None:
    target, clock = ScriptedTarget(TargetRefused("HTTP 404"), always=True), SwiftClock()
    assert "HTTP 404" in (await deliver_to(target, clock) or "")
    assert (target.attempts, sum(clock.slept) < 60) == (MAX_REFUSALS, True)


async def test_delivery_outlasts_a_few_refusals() -> None:
    target = ScriptedTarget(*(TargetRefused("HTTP 404") for _ in range(MAX_REFUSALS - 1)))
    assert await deliver_to(target, SwiftClock()) is None


async def notifier(*targets: ScriptedTarget, clock: SwiftClock) -> tuple[Notifier, MemoryBroker]:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    return Notifier(targets, broker=broker, clock=clock, within=900.0, draw=lambda: 0.5), broker


async def dead_letters(broker: MemoryBroker) -> list[bytes | None]:
    found = []
    async with broker.read([DEAD_LETTERS.name], Edge.BEGINNING) as reader:
        records = aiter(reader)
        while not await reader.is_caught_up():
            found.append((await anext(records)).value)
    return found


async def test_notifier_delivers_while_another_target_is_unreachable() -> None:
    away, well = ScriptedTarget(Transient("away"), always=True), ScriptedTarget(name="webhook 2")
    of, broker = await notifier(away, well, clock=SwiftClock())
    record = fire_record()
    await within(of.handle([of.decode(record)]))
    assert well.taken == [FIRE_ID]
    assert await dead_letters(broker) == [record.value]


async def test_notifier_gives_each_fire_its_own_ordering_key() -> None:
    of, _ = await notifier(clock=SwiftClock())
    one, two = of.decode(fire_record()), of.decode(fire_record())
    assert of.ordering_key(one) != of.ordering_key(two)


async def test_notifier_keeps_fire_past_its_deadline_for_a_replay() -> None:
    target, record = ScriptedTarget(), fire_record(at=NOON - timedelta(seconds=901))
    of, broker = await notifier(target, clock=SwiftClock())
    await of.handle([of.decode(record)])
    assert (target.attempts, await dead_letters(broker)) == (0, [record.value])


async def test_notifier_without_targets_drops_fires() -> None:
    of, broker = await notifier(clock=SwiftClock())
    await of.handle([of.decode(fire_record(at=NOON - timedelta(seconds=age))) for age in (0, 901)])
    assert await dead_letters(broker) == []


async def test_notifier_stops_delivery_when_cancelled() -> None:
    hanging = ScriptedTarget()

    async def hang(_: WatchFired) -> None:
        await asyncio.Event().wait()

    hanging.send = hang  # type: ignore[method-assign]
    of, _ = await notifier(hanging, clock=SwiftClock())
    task = asyncio.create_task(of.handle([of.decode(fire_record())]))
    await asyncio.sleep(0)
    task.cancel()
    await within(asyncio.wait({task}))
    assert task.cancelled()
