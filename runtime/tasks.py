"""Tasks that end with whoever began them."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel them and wait until they are gone. How they ended is left for their owner to ask (`failure_of`)."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def failure_of(task: asyncio.Task[Any]) -> BaseException | None:
    """What ended the task, unless it ended well or was cancelled."""
    return None if task.cancelled() else task.exception()


async def first_of(*awaited: asyncio.Task[Any] | Coroutine[Any, Any, Any]) -> None:
    """Wait for the first to end. The tasks go on; the coroutines were begun here and end here."""
    begun = [asyncio.create_task(each) for each in awaited if asyncio.iscoroutine(each)]
    given = [each for each in awaited if isinstance(each, asyncio.Task)]
    try:
        await asyncio.wait([*given, *begun], return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(*begun)
