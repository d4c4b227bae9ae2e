"""The webhook: one POST an attempt, to a checked address, without following redirects.

Signed by Standard Webhooks (https://www.standardwebhooks.com), whose libraries verify it: docs/events.md.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

import httpcore
import structlog

from consumers.notifier.message_text import Notification, TargetTestNotice, chart_url, image_url
from consumers.notifier.ssrf import PublicAddressBackend
from consumers.notifier.targets import TargetRefused
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from runtime.retry_after import parse_retry_after
from schemas.level_events import AnyLevelEvent

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

_ENCODED_PREFIX = "whsec_"
_CONCURRENCY = 8
_MAX_RETRY_AFTER = 300.0
"""Seconds: a longer Retry-After is cut to this."""
_NOT_REFUSALS = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""Statuses of 4xx that ask for another attempt."""
_HINTS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: ": check STRANDLINE_WEBHOOK_SECRET and the credentials in its URL",
    HTTPStatus.FORBIDDEN: ": check STRANDLINE_WEBHOOK_SECRET and the credentials in its URL",
    HTTPStatus.NOT_FOUND: ": check its path",
    HTTPStatus.METHOD_NOT_ALLOWED: ": check its path, which must accept POST",
}
_GONE = (
    "it answered 410 Gone, so nothing more is sent to it: change its address in the settings, or, once it accepts "
    "requests again, send it a test"
)
_HASH_LENGTH = 16
_log = structlog.get_logger(__name__)


class Webhook:
    """An EndableTarget, and a target of level events: a 410 ends it, until a test is accepted.

    `timeout`: seconds for one whole attempt; `public_url`: where the pages are, for a link; `kind` labels metrics.
    """

    def __init__(
        self,
        name: str,
        url: str,
        secret: str,
        *,
        private: bool,
        timeout: float,
        clock: Clock,
        public_url: str | None = None,
        kind: str = "webhook",
    ) -> None:
        self.kind = kind
        self.name = name
        self._url = url
        self._key = read_key(secret)
        self._timeout = timeout
        self._public_url = public_url
        self._clock = clock
        self._slots = asyncio.Semaphore(_CONCURRENCY)
        self.address_hash = _hash_address(self._key, url)
        self._gone_at: datetime | None = None
        metrics.NOTIFICATION_TARGET_UP.labels(name).set(1)
        # No proxy from the environment: it would resolve the name itself, after we have checked our own answer.
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=PublicAddressBackend(private=private),
            max_connections=_CONCURRENCY,
            keepalive_expiry=5.0,
        )

    @property
    def gone_at(self) -> datetime | None:
        """Since when nothing is sent to it; None where it is there."""
        return self._gone_at

    @gone_at.setter
    def gone_at(self, at: datetime | None) -> None:
        self._gone_at = at
        metrics.NOTIFICATION_TARGET_UP.labels(self.name).set(0 if at else 1)

    async def send(self, event: Notification | AnyLevelEvent) -> None:
        """Post `event` once.

        Raises Transient, TargetRefused for most of 4xx, and Permanent for a private address, a redirect, and 410 from
        then on, except for tests.
        """
        async with self._slots:
            if self._gone_at and not isinstance(event, TargetTestNotice):
                raise Permanent("internal", _GONE)
            try:
                async with asyncio.timeout(self._timeout):
                    status, retry_after = await self._post(event)
            except TimeoutError as error:
                raise Transient(f"no answer within {self._timeout:g} s") from error
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
                # Its text may hold the URL's path, which may be a secret; that of its cause does not.
                raise Transient(f"{type(error).__name__}: {_root_cause(error)}") from error
        if status == HTTPStatus.GONE and not self._gone_at:
            self.gone_at = self._clock.now()
            _log.error("notify.target_gone", target=self.name, hint=_GONE)
        _check_status(status, retry_after)
        if self._gone_at:
            self.gone_at = None
            _log.info("notify.target_back", target=self.name)

    async def close(self) -> None:
        await self._pool.aclose()

    async def _post(self, event: Notification | AnyLevelEvent) -> tuple[int, float | None]:
        body = build_body(event, self._public_url)
        signed = build_headers(self._key, event, body, self._clock.now())
        # Streamed: the answer's body, however long, is never read.
        async with self._pool.stream(
            "POST", self._url, headers=list(signed.items()), content=body
        ) as response:
            headers = {
                name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers
            }
            after = parse_retry_after(
                headers.get("retry-after"), headers.get("date"), maximum=_MAX_RETRY_AFTER
            )
            return response.status, after


def read_key(secret: str) -> bytes:
    """Return the key that `secret` stands for, as the Standard Webhooks libraries read it. Pure.

    That is base64, with or without the prefix `whsec_`. Any other text is its own key: receivers then give the library
    the base64 of it. Raises ValueError for an invalid secret with the prefix.
    """
    encoded = secret.removeprefix(_ENCODED_PREFIX)
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        if encoded != secret:
            raise ValueError(f"begins with {_ENCODED_PREFIX}, but is not base64 after it") from None
        return secret.encode()


def build_body(event: Notification | AnyLevelEvent, public_url: str | None) -> bytes:
    """Return the payload of `event`, with links to its chart and a picture of it where the pages are public. Pure."""
    links = (
        {"chart_url": chart_url(event, public_url), "image_url": image_url(event, public_url)}
        if public_url
        else {}
    )
    return json.dumps(
        event.model_dump(mode="json") | links, ensure_ascii=False, separators=(",", ":")
    ).encode()


def build_headers(
    key: bytes, event: Notification | AnyLevelEvent, body: bytes, at: datetime
) -> Mapping[str, str]:
    """Return the headers of one attempt sent at `at`; the signed timestamp lets receivers reject a replay. Pure."""
    timestamp = str(int(at.timestamp()))
    return {
        "content-type": "application/json",
        "user-agent": "strandline",
        ID_HEADER: event.event_id,
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: f"v1,{sign_body(key, event.event_id, timestamp, body)}",
    }


def sign_body(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256 (RFC 2104), in base64, of id, timestamp and body with full stops between them. Pure."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _hash_address(key: bytes, url: str) -> str:
    """Return a mark that differs by `url`. It is public, so `key` keeps others from trying addresses. Pure."""
    return hmac.new(key, f"address {url}".encode(), hashlib.sha256).hexdigest()[:_HASH_LENGTH]


def _check_status(status: int, retry_after: float | None) -> None:
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise Permanent("internal", f"it answers with a redirect (HTTP {status}): give its final address")
    if status == HTTPStatus.GONE:
        raise Permanent("internal", _GONE)
    if 400 <= status < 500 and status not in _NOT_REFUSALS:
        raise TargetRefused(f"it answers HTTP {status}{_HINTS.get(status, '')}", retry_after=retry_after)
    raise Transient(f"it answers HTTP {status}", retry_after=retry_after)


def _root_cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(getattr(error, "strerror", None) or type(error).__name__)
