"""The delivery targets that the settings name."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import urlsplit

from pydantic import SecretStr

from consumers.notifier.message_text import Notification
from runtime.clock import Clock
from runtime.errors import ConfigurationError, Transient
from runtime.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from consumers.notifier.level_delivery import Subscription
    from consumers.notifier.webhook import Webhook

_WEBHOOK_SETTINGS = {"webhook": "STRANDLINE_WEBHOOK_URLS", "level_webhook": "STRANDLINE_LEVEL_WEBHOOKS"}
"""Where the URLs of each kind of webhook are."""
MIN_SECRET_LENGTH = 16
"""Characters: a shorter secret can be guessed from a single signed message."""


class TargetRefused(Transient):
    """The target answered that it does not take this: it may be misconfigured for a moment, more often for good."""


class Target(Protocol):
    """Where a fire is delivered. `kind` labels metrics, `name` logs; neither contains a secret."""

    kind: str
    name: str

    async def send(self, event: Notification) -> None:
        """Return once the target accepted `event`; a repeat is recognisable by its id.

        Raises Transient, its TargetRefused (a few attempts at most), Permanent.
        """
        ...

    async def close(self) -> None: ...


@runtime_checkable
class EndableTarget(Target, Protocol):
    """A Target that may end for good: `gone_at` since when, `address_hash` of the address that ended."""

    address_hash: str
    gone_at: datetime | None


def is_configured(settings: Settings) -> bool:
    """Return whether the settings name any target."""
    return bool(
        settings.notify_urls or settings.webhook_urls or settings.level_webhooks or settings.vapid_private_key
    )


async def open_targets(
    settings: Settings, clock: Clock, stack: AsyncExitStack, engine: "AsyncEngine | None" = None
) -> list[Target]:
    """Open every target, possibly none; `stack` closes them. `engine` has the subscriptions of browsers.

    Raises ConfigurationError, which repeats no URL, because URLs contain secrets.
    """
    targets = [
        *_open_webhooks(settings, settings.webhook_urls, "webhook", clock),
        *_open_apprise_targets(settings),
        *_open_web_push(settings, clock, engine),
    ]
    for target in targets:
        stack.push_async_callback(target.close)
    return targets


def open_level_webhooks(settings: Settings, clock: Clock, stack: AsyncExitStack) -> "list[Subscription]":
    """Open the webhooks for events of levels, each with its filter; `stack` closes them. Raises ConfigurationError."""
    from consumers.notifier.level_delivery import Subscription  # noqa: PLC0415
    from consumers.notifier.level_filter import read_level_webhooks  # noqa: PLC0415

    webhooks = read_level_webhooks(settings.level_webhooks)
    urls = [webhook.url for webhook in webhooks]
    targets = _open_webhooks(settings, urls, "level_webhook", clock)
    for target in targets:
        stack.push_async_callback(target.close)
    return [Subscription(*pair) for pair in zip(targets, webhooks, strict=True)]


def _open_webhooks(settings: Settings, urls: Sequence[SecretStr], kind: str, clock: Clock) -> "list[Webhook]":
    # Imported here, so that each kind loads only the libraries it needs.
    from consumers.notifier.webhook import Webhook, read_key  # noqa: PLC0415

    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    if urls and len(secret) < MIN_SECRET_LENGTH:
        raise ConfigurationError(
            f"STRANDLINE_WEBHOOK_SECRET must have at least {MIN_SECRET_LENGTH} characters: "
            "receivers verify our signature with it"
        )
    try:
        read_key(secret)
    except ValueError as error:
        raise ConfigurationError(f"STRANDLINE_WEBHOOK_SECRET {error}") from None
    setting = _WEBHOOK_SETTINGS[kind]
    return [
        Webhook(
            f"{kind.replace('_', ' ')} {number} ({_check_host(url, number, setting)})",
            url.get_secret_value(),
            secret,
            private=settings.webhook_private,
            timeout=settings.notify_timeout,
            clock=clock,
            public_url=_public_url(settings),
            kind=kind,
        )
        for number, url in enumerate(urls, 1)
    ]


def _check_host(url: SecretStr, number: int, setting: str) -> str:
    """Return the host of the URL with this number. Raises ConfigurationError without repeating it."""
    try:
        return _parse_host(url.get_secret_value())
    except ValueError as error:
        raise ConfigurationError(f"{setting}: number {number} {error}") from None


def _parse_host(url: str) -> str:
    """Return the host of `url`. Raises ValueError, without repeating `url`, if it could never be called. Pure."""
    if not (url.isascii() and url.isprintable()):
        raise ValueError("is not ASCII: write its host in punycode (xn--...) and the rest with %XX")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")  # as the resolver does: an empty or overlong label has no address
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"}:
        raise ValueError("is not an http(s) URL with a valid host and port")
    return host


def _open_apprise_targets(settings: Settings) -> list[Target]:
    if not settings.notify_urls:
        return []
    from consumers.notifier.apprise_target import open_target  # noqa: PLC0415

    targets: list[Target] = []
    for number, url in enumerate(settings.notify_urls, 1):
        target = open_target(
            url.get_secret_value(),
            number,
            timeout=settings.notify_timeout,
            language=settings.language,
            public_url=_public_url(settings),
        )
        if target is None:
            raise ConfigurationError(
                f"STRANDLINE_NOTIFY_URLS: number {number} is not a URL that apprise accepts; "
                "see https://appriseit.com/services"
            )
        targets.append(target)
    return targets


def _open_web_push(settings: Settings, clock: Clock, engine: "AsyncEngine | None") -> list[Target]:
    if settings.vapid_private_key is None:
        return []
    from consumers.notifier.web_push.target import WebPush  # noqa: PLC0415
    from consumers.notifier.web_push.vapid import read_private, read_public  # noqa: PLC0415

    if engine is None:
        raise ConfigurationError(
            "STRANDLINE_VAPID_PRIVATE_KEY is set, but not STRANDLINE_DATABASE_URL, where the browsers are"
        )
    if settings.vapid_contact is None:
        raise ConfigurationError(
            "STRANDLINE_VAPID_CONTACT is not set: push services want an address, such as mailto:ops@example.com"
        )
    try:
        key = read_private(settings.vapid_private_key.get_secret_value())
    except ValueError as error:
        raise ConfigurationError(f"STRANDLINE_VAPID_PRIVATE_KEY {error}") from None
    if settings.vapid_public_key not in {None, read_public(key)}:
        raise ConfigurationError(
            "STRANDLINE_VAPID_PUBLIC_KEY is not that of STRANDLINE_VAPID_PRIVATE_KEY: set both from one run of "
            "`strandline keys vapid`"
        )
    timeout, language = settings.notify_timeout, settings.language
    return [WebPush(key, settings.vapid_contact, engine, language=language, timeout=timeout, clock=clock)]


def _public_url(settings: Settings) -> str | None:
    return str(settings.public_url) if settings.public_url else None
