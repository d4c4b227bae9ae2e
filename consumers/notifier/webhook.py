"""The signed webhook: one POST an attempt, to a checked address, redirects not followed."""

import asyncio

import httpcore

from consumers.notifier.addresses import CheckedBackend
from consumers.notifier.signature import headers
from runtime.clock import Clock
from runtime.errors import Permanent, Transient
from schemas.events import WatchFired

_AT_ONCE = 8
_LONGEST_ASKED = 300.0
"""Seconds: what Retry-After may ask for at most."""


class Webhook:
    """A Target. `timeout`: seconds of one attempt, whole."""

    kind = "webhook"

    def __init__(
        self, name: str, url: str, secret: str, *, private: bool, timeout: float, clock: Clock
    ) -> None:
        self.name = name
        self._url = url
        self._secret = secret
        self._timeout = timeout
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)
        # No proxy of the environment: it would look names up itself, after we have checked ours.
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=CheckedBackend(private=private), max_connections=_AT_ONCE, keepalive_expiry=5.0
        )

    async def send(self, fire: WatchFired) -> None:
        """Raises Transient, and Permanent for a private address and a redirect."""
        async with self._turns:
            try:
                async with asyncio.timeout(self._timeout):
                    status, retry_after = await self._post(fire)
            except TimeoutError as error:
                raise Transient(f"no answer within {self._timeout:g} s") from error
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
                # Its words may hold the URL's path, which may be a secret; those of its cause do not.
                raise Transient(f"{type(error).__name__}: {_cause(error)}") from error
        _judge(status, retry_after)

    async def close(self) -> None:
        await self._pool.aclose()

    async def _post(self, fire: WatchFired) -> tuple[int, float | None]:
        body = fire.model_dump_json().encode()
        signed = headers(self._secret, fire, body, self._clock.now())
        # Streamed, for nobody needs the answer's body, however long it is.
        async with self._pool.stream(
            "POST", self._url, headers=list(signed.items()), content=body
        ) as response:
            after = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
            return response.status, float(after) if after.isdigit() else None


def _judge(status: int, retry_after: float | None) -> None:
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise Permanent("internal", f"it answers with a redirect (HTTP {status}): give its final address")
    asked = None if retry_after is None else min(retry_after, _LONGEST_ASKED)
    raise Transient(f"it answers HTTP {status}", retry_after=asked)


def _cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(getattr(error, "strerror", None) or type(error).__name__)
