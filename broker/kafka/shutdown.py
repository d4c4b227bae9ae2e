"""Stops aiokafka's clients in bounded time.

Their own `stop` waits for brokers: a producer for batches that may never be acknowledged (an idempotent one retries
without limit), a consumer for the answer to its last request. Past a deadline they are abandoned: tasks cancelled,
sockets closed. That uses private members of aiokafka 0.14.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

_FORCED_SECONDS = 1.0


async def stop_producer(producer: AIOKafkaProducer, seconds: float) -> None:
    """Flush and stop; after `seconds`, drop unacknowledged messages."""
    if not await _stop_within(producer.stop(), seconds):
        await _drop_sender(producer)
        await _stop_within(producer.client.close(), _FORCED_SECONDS)
        _fail_batches(producer)


async def stop_consumer(consumer: AIOKafkaConsumer, seconds: float) -> None:
    """Leave the group and stop; after `seconds`, let the session time out instead."""
    if not await _stop_within(consumer.stop(), seconds):
        await _cancel(_tasks_of(consumer))
        await _stop_within(consumer._client.close(), _FORCED_SECONDS)


def _fail_batches(producer: AIOKafkaProducer) -> None:
    """End every wait for a batch of this producer, its own flush included, and leave asyncio nothing to log."""
    accumulator = producer._message_accumulator
    # Each batch that was sent removes itself from the pending ones; one that waits to be repeated is not among them.
    accumulator._pending_batches |= {batch for waiting in accumulator._batches.values() for batch in waiting}
    batches = set(accumulator._pending_batches)
    accumulator.fail_all(KafkaError("the producer was abandoned"))
    for batch in batches:
        _retrieve(batch._drain_waiter)


def _retrieve(future: asyncio.Future[Any]) -> None:
    if future.done() and not future.cancelled():
        future.exception()


async def _drop_sender(producer: AIOKafkaProducer) -> None:
    sender = producer._sender.sender_task
    # A cancelled sender awaits its requests one by one; each further cancellation ends the one it awaits.
    for _ in range(10):
        if sender is None or sender.done():
            return
        sender.cancel()
        await asyncio.wait({sender}, timeout=_FORCED_SECONDS / 10)


def _tasks_of(consumer: AIOKafkaConsumer) -> list[asyncio.Task[Any]]:
    coordinator, fetcher = consumer._coordinator, consumer._fetcher
    names = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task", "_reset_committed_task")
    tasks = [getattr(coordinator, name, None) for name in names]
    if fetcher is not None:
        tasks += [fetcher._fetch_task, *fetcher._pending_tasks]
    return [task for task in tasks if task is not None and not task.done()]


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_FORCED_SECONDS)


async def _stop_within(stopping: Coroutine[Any, Any, None], seconds: float) -> bool:
    """Return whether `stopping` ended well in time. Its error is dropped, since the client is gone either way."""
    task = asyncio.ensure_future(stopping)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            await _cancel([task])
    return bool(done) and not task.cancelled() and task.exception() is None
