"""Waits for a slow disk or a busy database at the start of `strandline up`, and prints that it waits."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from broker.retry import Backoff, attempts, no_jitter
from runtime.clock import Clock, SystemClock
from storage.database_errors import translate_errors

T = TypeVar("T")

_BACKOFF = Backoff(initial=0.5, maximum=10.0)


class Patience:
    """Retries work without limit while its failures are transient; `show` prints each of them."""

    def __init__(self, show: Callable[[str], Any], clock: Clock | None = None) -> None:
        self._show = show
        self._clock = clock or SystemClock()

    async def wait_for(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `work`. Raises what is not transient: ConfigurationError, a rejection, a bug."""
        async for attempt in attempts(self._clock, _BACKOFF, draw=no_jitter):
            with attempt, translate_errors():
                return await work()
            self._show(f"  waiting: {attempt.error} (trying again in {attempt.delay:.1f} s)")
        raise AssertionError("attempts end with a result or an error")
