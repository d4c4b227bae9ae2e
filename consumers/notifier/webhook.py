"""The signed webhook: one POST an attempt, to a checked address, without following redirects.

docs/events.md describes how receivers verify the signature.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

import httpcore
import structlog

from consumers.notifier.ssrf import PublicAddressBackend
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from runtime.retry_after import parse_retry_after
from schemas.events import WatchFired
from schemas.topics import event_type

TIMESTAMP_HEADER = "X-Strandline-Timestamp"
SIGNATURE_HEADER = "X-Strandline-Signature"
FIRE_ID_HEADER = "X-Strandline-Fire-Id"
EVENT_HEADER = "X-Strandline-Event"

_CONCURRENCY = 8
_MAX_RETRY_AFTER = 300.0
"""Seconds: a longer Retry-After is cut to this."""
_GONE = "it answered 410 Gone, so nothing more is sent to it: remove or correct it, then restart the notifier"
_log = structlog.get_logger(__name__)


class Webhook:
    """A Target. `timeout`: seconds for one whole attempt."""

    kind = "webhook"

    def __init__(
        self, name: str, url: str, secret: str, *, private: bool, timeout: float, clock: Clock
    ) -> None:
        self.name = name
        self._url = url
        self._secret = secret
        self._timeout = timeout
        self._clock = clock
        self._slots = asyncio.Semaphore(_CONCURRENCY)
        self._gone = False
        # No proxy from the environment: it would resolve the name itself, after we have checked our own answer.
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=PublicAddressBackend(private=private),
            max_connections=_CONCURRENCY,
            keepalive_expiry=5.0,
        )

    async def send(self, fire: WatchFired) -> None:
        """Post `fire` once. Raises Transient, and Permanent for a private address, a redirect, and 410 from then on."""
        if self._gone:
            raise Permanent("internal", _GONE)
        async with self._slots:
            try:
                async with asyncio.timeout(self._timeout):
                    status, retry_after = await self._post(fire)
            except TimeoutError as error:
                raise Transient(f"no answer within {self._timeout:g} s") from error
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
                # Its text may hold the URL's path, which may be a secret; that of its cause does not.
                raise Transient(f"{type(error).__name__}: {_root_cause(error)}") from error
        if status == HTTPStatus.GONE and not self._gone:
            self._gone = True
            _log.error("notify.target_gone", target=self.name, hint=_GONE)
        _check_status(status, retry_after)

    async def close(self) -> None:
        await self._pool.aclose()

    async def _post(self, fire: WatchFired) -> tuple[int, float | None]:
        body = fire.model_dump_json().encode()
        signed = build_headers(self._secret, fire, body, self._clock.now())
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


def build_headers(secret: str, fire: WatchFired, body: bytes, at: datetime) -> Mapping[str, str]:
    """Return the headers of one attempt sent at `at`; the signed timestamp lets receivers reject a replay. Pure."""
    timestamp = str(int(at.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "strandline",
        EVENT_HEADER: event_type(type(fire)),
        FIRE_ID_HEADER: fire.fire_id,
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: f"v1={sign_body(secret, timestamp, body)}",
    }


def sign_body(secret: str, timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256 (RFC 2104), in hex, of the timestamp header, a full stop, and the body. Pure."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _check_status(status: int, retry_after: float | None) -> None:
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise Permanent("internal", f"it answers with a redirect (HTTP {status}): give its final address")
    if status == HTTPStatus.GONE:
        raise Permanent("internal", _GONE)
    raise Transient(f"it answers HTTP {status}", retry_after=retry_after)


def _root_cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(getattr(error, "strerror", None) or type(error).__name__)
