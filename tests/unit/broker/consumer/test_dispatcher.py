"""Batches whose partitions were revoked."""

import asyncio

import pytest

from broker.consumer.dispatcher import Dispatcher
from broker.consumer.keyed_queue import Batch, KeyedQueue, Work
from broker.consumer.offsets import OffsetMark
from broker.ports import Partition
from runtime.clock import SystemClock
from tests.support.deadlines import until, within

P, Q = Partition("t", 0), Partition("t", 1)


class Hands:
    """Works until `gate` is open; `ended` has how, and `stubborn` breaks when it is cancelled."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.running: set[str] = set()
        self.ended: dict[str, str] = {}
        self.stubborn = False

    async def work(self, batch: Batch[str]) -> None:
        name = "".join(work.value for work in batch.work)
        self.running.add(name)
        try:
            await self.gate.wait()
            self.ended[name] = "done"
        except asyncio.CancelledError:
            self.ended[name] = "cancelled"
            if self.stubborn:
                raise ZeroDivisionError("while cleaning up") from None
            raise
        finally:
            self.running.discard(name)


@pytest.fixture
async def hands() -> Hands:
    return Hands()


@pytest.fixture
def dispatcher(hands: Hands) -> Dispatcher[str]:
    return Dispatcher(KeyedQueue(concurrency=4, batch_limit=2), hands.work, SystemClock())


def put(dispatcher: Dispatcher[str], key: str, *work: tuple[str, Partition]) -> None:
    for number, (value, partition) in enumerate(work):
        dispatcher.put(key, Work(value, OffsetMark(partition, 1, number)))
    dispatcher.start_due()


async def test_dispatcher_cancels_only_batches_without_held_partitions(
    hands: Hands, dispatcher: Dispatcher[str]
) -> None:
    put(dispatcher, "lost", ("a", P), ("b", P))
    put(dispatcher, "both", ("c", P), ("d", Q))
    put(dispatcher, "kept", ("e", Q))
    await until(lambda: hands.running == {"ab", "cd", "e"})
    await within(dispatcher.cancel_unowned({Q}))
    assert hands.ended == {"ab": "cancelled"}
    assert not dispatcher.halted.is_set()
    hands.gate.set()
    await until(lambda: dispatcher.running == 0)
    assert hands.ended == {"ab": "cancelled", "cd": "done", "e": "done"}


@pytest.mark.parametrize("stubborn", [False, True])
async def test_dispatcher_frees_the_key_of_a_cancelled_batch(
    hands: Hands, dispatcher: Dispatcher[str], stubborn: bool
) -> None:
    hands.stubborn = stubborn
    put(dispatcher, "key", ("a", P))
    await until(lambda: hands.running == {"a"})
    put(dispatcher, "key", ("b", Q))
    await within(dispatcher.cancel_unowned({Q}))
    await until(lambda: hands.running == {"b"})
    assert dispatcher.bug is None
    assert not dispatcher.halted.is_set()
    await within(dispatcher.cancel())
    assert (dispatcher.running, dispatcher.bug) == (0, None)


async def test_dispatcher_frees_the_key_of_a_batch_cancelled_before_its_first_step(
    hands: Hands, dispatcher: Dispatcher[str]
) -> None:
    put(dispatcher, "key", ("a", P))
    put(dispatcher, "key", ("b", Q))
    await within(dispatcher.cancel_unowned({Q}))
    await until(lambda: hands.running == {"b"})
    assert hands.ended == {}
    await within(dispatcher.cancel())


async def test_dispatcher_does_not_wait_for_work_that_ignores_cancellation(
    dispatcher: Dispatcher[str], hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(batch: Batch[str]) -> None:
        while not hands.gate.is_set():
            try:
                await hands.gate.wait()
            except asyncio.CancelledError:
                continue

    monkeypatch.setattr("broker.consumer.dispatcher._CANCEL_SECONDS", 0.01)
    monkeypatch.setattr(dispatcher, "_process", deaf)
    put(dispatcher, "key", ("a", P))
    await asyncio.sleep(0)
    await within(dispatcher.cancel_unowned({Q}))
    assert dispatcher.running == 1
    hands.gate.set()
    await until(lambda: dispatcher.running == 0)
