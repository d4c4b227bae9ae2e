"""The canary: a request of the scheduler's own every minute, followed to its row as any caller would follow it.

It shows what no metric of a single role can: that a request, sent now, is answered. Its age is the time since the
latest request that was answered, and grows whatever it is that stops the pipeline.
"""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from producers.requests.publisher import RequestPublisher
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.metrics import CANARY_AGE, CANARY_SECONDS
from runtime.settings import Settings
from schemas.requests import AnalysisRequested, RequestBody
from storage.canary import CANARY_PREFIX
from storage.database_errors import translate_errors
from storage.jobs import find_status

_log = structlog.get_logger(__name__)

INTERVAL = 60.0
"""Seconds between two requests, and until one that was not answered is given up."""

_POLL_SECONDS = 1.0
_READ_TIMEOUT = 5.0
_TIMEFRAME = "1h"

OFF = "off"
"""The value of STRANDLINE_CANARY that sends none."""


class Canary:
    """Requests `symbol` on the default exchange, and measures the seconds until its job is completed."""

    def __init__(
        self, settings: Settings, *, publisher: RequestPublisher, engine: AsyncEngine, clock: Clock
    ) -> None:
        self._exchange = settings.exchange
        self._symbol = settings.canary
        self._publisher = publisher
        self._engine = engine
        self._clock = clock
        self._answered_at = clock.monotonic()

    async def run(self) -> None:
        """Send requests until cancelled."""
        while True:
            await self.run_round()

    async def run_round(self) -> None:
        """Send one request, and follow it for INTERVAL."""
        sent_at = self._clock.monotonic()
        request_id = await self._send()
        while (now := self._clock.monotonic()) < sent_at + INTERVAL:
            if request_id is not None and await self._is_ended(request_id, now - sent_at):
                request_id = None
            CANARY_AGE.set(now - self._answered_at)
            await self._clock.sleep(_POLL_SECONDS)
        if request_id is not None:
            _log.warning("canary.unanswered", request_id=request_id, seconds=INTERVAL)

    async def _send(self) -> str | None:
        """Return the id of a new request; None where the broker does not acknowledge it."""
        at = self._clock.now()
        body = RequestBody(
            symbol=self._symbol, timeframe=_TIMEFRAME, expires_at=at + timedelta(seconds=2 * INTERVAL)
        )
        # Of equal length, so that ids sort by time.
        request_id = f"{CANARY_PREFIX}{int(at.timestamp()):012d}"
        request = AnalysisRequested.of(body, exchange=self._exchange, request_id=request_id, at=at)
        try:
            await self._publisher.publish(request)
        except Transient as error:
            _log.warning("canary.not_published", error=str(error))
            return None
        return request_id

    async def _is_ended(self, request_id: str, seconds: float) -> bool:
        """Return whether the request ended; count it as answered if it was completed, `seconds` after it was sent."""
        try:
            with translate_errors():
                async with asyncio.timeout(_READ_TIMEOUT), self._engine.connect() as connection:
                    status = await find_status(connection, request_id)
        except Transient as error:
            _log.warning("canary.not_read", error=str(error))
            return False
        if status == "completed":
            # The sink writes the row and the job in one transaction.
            self._answered_at = self._clock.monotonic()
            CANARY_SECONDS.observe(seconds)
        elif status == "failed":
            _log.warning("canary.failed", request_id=request_id)
        return status in {"completed", "failed"}
