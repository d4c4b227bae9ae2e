"""Graceful shutdown: a signal sets an event; a second signal cancels the shutdown."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@asynccontextmanager
async def stop_on_signals() -> AsyncIterator[asyncio.Event]:
    """Yield an event that SIGTERM or SIGINT sets; a second signal cancels the task that runs this block."""
    stop = asyncio.Event()
    owner = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def handle_signal() -> None:
        if stop.is_set() and owner is not None:
            # What is cut short reports errors that follow from the second signal alone.
            logging.disable(logging.CRITICAL)
            owner.cancel()
        stop.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, handle_signal)
    try:
        yield stop
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
