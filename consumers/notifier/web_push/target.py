"""The target that sends a fire to every browser that subscribed.

Endpoints are input of strangers: only https, only public addresses (`ssrf.py`), no redirects, and no answer is read.
"""

import asyncio
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpcore
import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from consumers.notifier.message_text import Language, Notification, write_message
from consumers.notifier.ssrf import PublicAddressBackend
from consumers.notifier.web_push.encryption import decode_base64url, encrypt_message
from consumers.notifier.web_push.vapid import build_authorization
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from schemas.records import PushSubscriptionRecord

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_CONCURRENCY = 8
_KEEP_SECONDS = 3_600
"""How long a push service keeps a message for a browser that is away: an older fire is no news."""
_MAX_TITLE, _MAX_BODY = 400, 2_400
"""Bytes of UTF-8: with them, and with characters that JSON escapes, a message stays below MAX_PLAIN."""
_MAX_FAILURES = 20
"""Fires that a browser misses, while others get them, before its subscription is deleted."""
_MAX_REMEMBERED = 10_000
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_log = structlog.get_logger(__name__)


class WebPush:
    """A Target. `timeout`: seconds for one request; `private` allows private addresses, for tests only."""

    kind = "webpush"
    name = "browsers"

    def __init__(
        self,
        key: ec.EllipticCurvePrivateKey,
        contact: str,
        engine: "AsyncEngine",
        *,
        language: Language,
        timeout: float,
        clock: Clock,
        private: bool = False,
    ) -> None:
        self._key, self._contact, self._engine = key, contact, engine
        self._language, self._timeout, self._clock = language, timeout, clock
        self._slots = asyncio.Semaphore(_CONCURRENCY)
        self._sent: dict[tuple[str, str], None] = {}
        self._failures: dict[str, int] = {}
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=PublicAddressBackend(private=private),
            max_connections=_CONCURRENCY,
            keepalive_expiry=5.0,
        )

    async def send(self, event: Notification) -> None:
        """Send `event` to each subscription that has not got it. Raises Transient if none got it."""
        from storage import push_subscriptions as table  # noqa: PLC0415

        plain = build_payload(event, self._language)
        known = await table.load_all(self._engine)
        waiting = [one for one in known if (event.event_id, one["id"]) not in self._sent]
        outcomes = await asyncio.gather(*(self._send_one(event, plain, one) for one in waiting))
        ended = self._find_ended([one["id"] for one in waiting], outcomes)
        if ended:
            _log.info("notify.push_subscriptions_ended", count=len(ended))
            await table.delete_all(self._engine, ended)
        if "failed" in outcomes and not any((event.event_id, one["id"]) in self._sent for one in known):
            # One that does not answer holds up no other: it misses this fire.
            raise Transient(f"{outcomes.count('failed')} of {len(outcomes)} push services did not take it")

    def _find_ended(self, ids: Sequence[str], outcomes: Sequence[str]) -> list[str]:
        """Return those that are gone, and those that failed again and again while others did not."""
        if "sent" in outcomes:
            for one, outcome in zip(ids, outcomes, strict=True):
                self._failures[one] = self._failures.get(one, 0) + 1 if outcome == "failed" else 0
        ended = [
            one
            for one, outcome in zip(ids, outcomes, strict=True)
            if outcome == "gone" or self._failures.get(one, 0) >= _MAX_FAILURES
        ]
        for one in ended:
            self._failures.pop(one, None)
        return ended

    async def close(self) -> None:
        await self._pool.aclose()

    async def _send_one(self, event: Notification, plain: bytes, subscription: PushSubscriptionRecord) -> str:
        """Return `sent`, `gone` or `failed`."""
        try:
            async with self._slots, asyncio.timeout(self._timeout):
                status = await self._post(plain, subscription)
        except (Permanent, ValueError, httpcore.UnsupportedProtocol):
            return "gone"  # a private address, or a key that is none: nothing can ever be sent to it
        except (TimeoutError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
            return "failed"
        if status in _GONE or 300 <= status < 400:
            return "gone"
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500:
            return "failed"
        if status >= 400:
            # Not a fault of the subscription: another attempt fails the same way.
            _log.warning("notify.push_refused", status=status, hint="check STRANDLINE_VAPID_PRIVATE_KEY")
        self._remember((event.event_id, subscription["id"]))
        return "sent"

    async def _post(self, plain: bytes, subscription: PushSubscriptionRecord) -> int:
        endpoint = subscription["endpoint"]
        body = encrypt_message(
            plain, decode_base64url(subscription["p256dh"]), decode_base64url(subscription["auth"])
        )
        headers = {
            "authorization": build_authorization(self._key, endpoint, self._contact, self._clock.now()),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(_KEEP_SECONDS),
            "urgency": "high",
        }
        # Streamed: the answer's body, however long, is never read.
        async with self._pool.stream(
            "POST", endpoint, headers=list(headers.items()), content=body
        ) as response:
            return response.status

    def _remember(self, sent: tuple[str, str]) -> None:
        self._sent[sent] = None
        if len(self._sent) > _MAX_REMEMBERED:
            del self._sent[next(iter(self._sent))]


def build_payload(event: Notification, language: Language) -> bytes:
    """Return what the page's service worker shows; its `tag` lets a repeat replace the first. Pure."""
    message = write_message(event, language=language)
    query = {"symbol": event.symbol, "exchange": event.exchange, "market_type": event.market_type}
    address = f"/chart?{urlencode(query | {'interval': event.timeframe or '1h'})}"
    shown = {
        "title": _cut(message.title, _MAX_TITLE),
        "body": _cut(message.body, _MAX_BODY),
        "tag": event.event_id,
        "url": address,
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _cut(text: str, maximum: int) -> str:
    """Return what of `text` fits into `maximum` bytes of JSON."""
    while len(json.dumps(text, ensure_ascii=False).encode()) > maximum:
        text = text[: len(text) * 9 // 10]
    return text
