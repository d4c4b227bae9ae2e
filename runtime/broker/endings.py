"""Tasks that end with whoever began them."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel them and wait until they are gone. How they ended is left for their owner to ask."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


async def first_of(task: asyncio.Task[Any], *others: Coroutine[Any, Any, Any]) -> None:
    """Wait for the first of them to end, and end the rest."""
    tasks = [task, *(asyncio.create_task(other) for other in others)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(*tasks)
