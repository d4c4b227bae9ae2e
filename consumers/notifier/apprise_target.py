"""Deliver a fire to Telegram, e-mail, Discord and every other service that apprise has a URL for."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import apprise

from runtime.errors import Transient
from schemas.events import WatchFired
from schemas.market import SIMULATED

_CONCURRENCY = 2

_VERBS = {
    "touch": "touched",
    "cross_up": "crossed up",
    "cross_down": "crossed down",
    "close_above": "closed above",
    "close_below": "closed below",
}


class AppriseService(Protocol):
    """The part of `apprise.Apprise` that is used here; it blocks."""

    def notify(self, *, body: str, title: str) -> object:
        """Return a true value once every service took the message."""
        ...


class AppriseTarget:
    """A Target with threads of its own, because apprise blocks: one service that hangs holds up no other.

    `timeout`: seconds until an attempt is abandoned. Its thread runs on until apprise's own timeout and may still
    succeed; the message then arrives twice.
    """

    def __init__(self, name: str, kind: str, service: AppriseService, *, timeout: float) -> None:
        self.name = name
        self.kind = kind
        self._service = service
        self._timeout = timeout
        self._slots = asyncio.Semaphore(_CONCURRENCY)
        self._threads = ThreadPoolExecutor(_CONCURRENCY, thread_name_prefix=f"notify {kind}")

    async def send(self, fire: WatchFired) -> None:
        """Send the message once. Raises Transient."""
        async with self._slots:
            sending = asyncio.get_running_loop().run_in_executor(self._threads, self._notify, fire)
            try:
                async with asyncio.timeout(self._timeout):
                    is_accepted = await sending
            except TimeoutError as error:
                raise Transient(f"no answer within {self._timeout:g} s") from error
        if not is_accepted:
            raise Transient("the service did not accept the message: see the log of apprise")

    async def close(self) -> None:
        """Drop queued attempts without waiting for those that run."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _notify(self, fire: WatchFired) -> bool:
        return bool(self._service.notify(body=message_text(fire), title=message_title(fire)))


def open_target(url: str, number: int, *, timeout: float) -> AppriseTarget | None:
    """Return the target for apprise's `url`, the `number`-th of its list; None for a URL that apprise rejects."""
    service = apprise.Apprise()
    if not service.add(url):
        return None
    kind = str(service[0].service_name or "apprise").lower()
    return AppriseTarget(f"{kind} {number}", kind, service, timeout=timeout)


def message_title(fire: WatchFired) -> str:
    """Return the subject line, such as `BTCUSDT touched 64000.5 (long)`. Pure."""
    verb = _VERBS.get(fire.condition, fire.condition)
    return f"{fire.symbol} {verb} {fire.target:.12g} ({fire.side})"


def message_text(fire: WatchFired) -> str:
    """Return the body: market, price, time, watch, and the `fire_id` that identifies a duplicate. Pure."""
    simulated = ", simulated" if fire.exchange == SIMULATED else ""
    lines = [
        f"{fire.exchange} {fire.market_type}{simulated}: price {fire.price:.12g} at {fire.at:%Y-%m-%d %H:%M:%S} UTC",
        f"watch {fire.watch_id}",
        f"fire_id {fire.fire_id}",
    ]
    return "\n".join(lines)
