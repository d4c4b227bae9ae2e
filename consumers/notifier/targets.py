"""Where fires are delivered to, as the settings name it."""

from contextlib import AsyncExitStack
from typing import Protocol
from urllib.parse import urlsplit

from runtime.clock import Clock
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from schemas.events import WatchFired

LEAST_SECRET = 16
"""Characters: a shorter one can be guessed from a single message."""


class Target(Protocol):
    """`kind` is for metrics, `name` for logs; neither has anything secret in it."""

    kind: str
    name: str

    async def send(self, fire: WatchFired) -> None:
        """Returns once it was taken. Raises Transient and Permanent. Sending one again is safe: it has its id."""
        ...

    async def close(self) -> None: ...


def is_configured(settings: Settings) -> bool:
    return bool(settings.notify_urls or settings.webhook_urls)


async def opened(settings: Settings, clock: Clock, stack: AsyncExitStack) -> list[Target]:
    """All of them, which may be none; `stack` closes them.

    Raises ConfigurationError, which repeats no URL: they have secrets in them.
    """
    targets = [*_webhooks(settings, clock), *_notifiers(settings)]
    for target in targets:
        stack.push_async_callback(target.close)
    return targets


def _webhooks(settings: Settings, clock: Clock) -> list[Target]:
    # Here, for each kind loads what only it needs.
    from consumers.notifier.webhook import Webhook  # noqa: PLC0415

    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    if settings.webhook_urls and len(secret) < LEAST_SECRET:
        raise ConfigurationError(
            f"STRANDLINE_WEBHOOK_SECRET must have {LEAST_SECRET} characters at least: receivers know us by it"
        )
    made: list[Target] = []
    for number, url in enumerate(settings.webhook_urls, 1):
        try:
            host = _host(url.get_secret_value())
        except ValueError as error:
            raise ConfigurationError(f"STRANDLINE_WEBHOOK_URLS: number {number} {error}") from None
        made.append(
            Webhook(
                f"webhook {number} ({host})",
                url.get_secret_value(),
                secret,
                private=settings.webhook_private,
                timeout=settings.notify_timeout,
                clock=clock,
            )
        )
    return made


def _host(url: str) -> str:
    """Raises ValueError, which repeats nothing of `url`, for what would fail at the first fire. Pure."""
    if not (url.isascii() and url.isprintable()):
        raise ValueError("has more than ASCII in it: write its host in punycode (xn--...), the rest with %XX")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")  # as it will be looked up: an empty label, or one too long, has no address
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"}:
        raise ValueError("is no http(s) URL with a host and a port that can be")
    return host


def _notifiers(settings: Settings) -> list[Target]:
    if not settings.notify_urls:
        return []
    from consumers.notifier.notification import opened as open_notifier  # noqa: PLC0415

    made: list[Target] = []
    for number, url in enumerate(settings.notify_urls, 1):
        target = open_notifier(url.get_secret_value(), number, timeout=settings.notify_timeout)
        if target is None:
            raise ConfigurationError(
                f"STRANDLINE_NOTIFY_URLS: number {number} is none that apprise knows; "
                "https://appriseit.com/services lists them"
            )
        made.append(target)
    return made
