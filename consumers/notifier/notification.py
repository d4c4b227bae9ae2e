"""Telegram, e-mail, Discord and all else that apprise has a URL for."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import apprise

from consumers.notifier.message import body, title
from runtime.errors import Transient
from schemas.events import WatchFired

_AT_ONCE = 2


class Notification:
    """A Target. apprise blocks, so each has threads of its own: one that hangs holds up no other.

    `timeout`: seconds until an attempt is given up. Its thread goes on until apprise's own timeouts end it, and may
    still succeed: then people are told twice.
    """

    def __init__(self, name: str, kind: str, service: Any, *, timeout: float) -> None:
        self.name = name
        self.kind = kind
        self._service = service
        self._timeout = timeout
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=f"notify {kind}")

    async def send(self, fire: WatchFired) -> None:
        """Raises Transient."""
        async with self._turns:
            sending = asyncio.get_running_loop().run_in_executor(self._threads, self._notify, fire)
            try:
                async with asyncio.timeout(self._timeout):
                    taken = await sending
            except TimeoutError as error:
                raise Transient(f"no answer within {self._timeout:g} s") from error
        if not taken:
            raise Transient("it was not taken; the log of apprise says why")

    async def close(self) -> None:
        """Waits for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _notify(self, fire: WatchFired) -> bool:
        return bool(self._service.notify(body=body(fire), title=title(fire)))


def opened(url: str, number: int, *, timeout: float) -> Notification | None:
    """The target at apprise's `url`, the `number`-th of its list; None where apprise does not know such URLs."""
    service = apprise.Apprise()
    if not service.add(url):
        return None
    kind = str(service[0].service_name or "apprise").lower()
    return Notification(f"{kind} {number}", kind, service, timeout=timeout)
