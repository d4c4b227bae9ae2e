"""Deliver an event of a watch to Telegram, e-mail, Discord and every other service that apprise has a URL for."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

import apprise

from consumers.notifier.message_text import Language, Markup, Message, Notification, write_message
from runtime.errors import Transient

_CONCURRENCY = 2

_MARKDOWN_KINDS = frozenset({"discord", "mattermost", "rocket.chat", "zulip", "guilded"})
"""Services that read every message as Markdown."""


class AppriseService(Protocol):
    """The part of `apprise.Apprise` that is used here; it blocks."""

    def notify(self, *, body: str, title: str, body_format: str) -> object:
        """Return a true value once every service took the message."""
        ...


class AppriseTarget:
    """A Target with threads of its own, because apprise blocks: one service that hangs holds up no other.

    `write` returns the message about an event. `timeout`: seconds until an attempt is abandoned. Its thread runs on
    until apprise's own timeout and may still succeed; the message then arrives twice.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        service: AppriseService,
        *,
        write: Callable[[Notification], Message],
        timeout: float,
    ) -> None:
        self.name = name
        self.kind = kind
        self._service = service
        self._write = write
        self._timeout = timeout
        self._slots = asyncio.Semaphore(_CONCURRENCY)
        self._threads = ThreadPoolExecutor(_CONCURRENCY, thread_name_prefix=f"notify {kind}")

    async def send(self, event: Notification) -> None:
        """Send the message once. Raises Transient."""
        async with self._slots:
            sending = asyncio.get_running_loop().run_in_executor(self._threads, self._notify, event)
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

    def _notify(self, event: Notification) -> bool:
        message = self._write(event)
        # As text: apprise escapes it where a service reads HTML.
        return bool(
            self._service.notify(
                body=message.body, title=message.title, body_format=apprise.NotifyFormat.TEXT
            )
        )


def open_target(
    url: str, number: int, *, timeout: float, language: Language = "en", public_url: str | None = None
) -> AppriseTarget | None:
    """Return the target for apprise's `url`, the `number`-th of its list; None for a URL that apprise rejects."""
    service = apprise.Apprise()
    if not service.add(url):
        return None
    kind = str(service[0].service_name or "apprise").lower()
    markup: Markup = "markdown" if kind in _MARKDOWN_KINDS or _asks_for_markdown(url) else "text"
    write = partial(write_message, language=language, public_url=public_url, markup=markup)
    return AppriseTarget(f"{kind} {number}", kind, service, write=write, timeout=timeout)


def _asks_for_markdown(url: str) -> bool:
    """Return whether `url` has `format=markdown`, with which a service reads our text as Markdown. Pure."""
    return re.search(r"[?&]format=markdown(&|$)", url, re.IGNORECASE) is not None
