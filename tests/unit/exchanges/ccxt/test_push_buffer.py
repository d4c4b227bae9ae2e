"""What is pushed waits for its reader, within bounds."""

import asyncio

import pytest

from exchanges.ccxt.push_buffer import PushBuffer
from runtime.errors import Transient


async def test_buffer_returns_what_was_put_once() -> None:
    buffer = PushBuffer[int]("sim")
    buffer.put(1)
    buffer.put(2)
    await buffer.wait(60.0, ())
    assert buffer.take() == [1, 2]
    assert buffer.take() == []


async def test_wait_returns_when_something_is_put() -> None:
    buffer = PushBuffer[int]("sim")
    waiting = asyncio.create_task(buffer.wait(60.0, ()))
    await asyncio.sleep(0)
    assert not waiting.done()
    buffer.put(1)
    await asyncio.wait_for(waiting, 10.0)


async def test_wait_returns_when_a_task_has_ended_or_the_time_is_over() -> None:
    buffer = PushBuffer[int]("sim")
    ended = asyncio.create_task(asyncio.sleep(0))
    await asyncio.wait_for(buffer.wait(60.0, (ended,)), 10.0)
    await buffer.wait(0.0, ())
    assert buffer.take() == []


async def test_first_error_is_raised() -> None:
    buffer = PushBuffer[int]("sim")
    buffer.put(1)
    buffer.fail(Transient("lost"))
    buffer.fail(Transient("closed"))
    await buffer.wait(60.0, ())
    with pytest.raises(Transient, match="lost"):
        buffer.take()


async def test_full_buffer_keeps_nothing_and_fails() -> None:
    buffer = PushBuffer[int]("sim", capacity=3)
    for number in range(10_000):
        buffer.put(number)
    assert not buffer._items
    with pytest.raises(Transient, match="3 messages of sim were not read in time"):
        buffer.take()
