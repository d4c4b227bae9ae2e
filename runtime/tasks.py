"""Waiting for asyncio tasks and ending them."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def cancel_and_wait(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks and wait until all have ended. Their errors are not raised here: see `task_error`."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def task_error(task: asyncio.Task[Any]) -> BaseException | None:
    """Return the exception that a finished task ended with; None when it returned or was cancelled."""
    return None if task.cancelled() else task.exception()


async def wait_first(*awaited: asyncio.Task[Any] | Coroutine[Any, Any, Any]) -> None:
    """Wait until the first one ends. Tasks keep running; coroutines are started here and cancelled here."""
    started = [asyncio.create_task(each) for each in awaited if asyncio.iscoroutine(each)]
    given = [each for each in awaited if isinstance(each, asyncio.Task)]
    try:
        await asyncio.wait([*given, *started], return_when=asyncio.FIRST_COMPLETED)
    finally:
        await cancel_and_wait(*started)


async def run_until(stopping: Coroutine[Any, Any, Any], *parts: Coroutine[Any, Any, None]) -> None:
    """Run the parts until `stopping` or one of them ends, then cancel them. Raises the error of a part."""
    working = [asyncio.create_task(part) for part in parts]
    try:
        await wait_first(stopping, *working)
        for task in working:
            if task.done():
                task.result()
    finally:
        await cancel_and_wait(*working)
