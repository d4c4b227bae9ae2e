"""The exchange's time between two readings of its clock."""

import structlog

from exchanges.ports import KlineSource
from runtime.clock import Clock
from runtime.errors import Permanent, Transient

_log = structlog.get_logger(__name__)

_REFRESH_SECONDS = 30.0


class ExchangeNow:
    """Counts monotonic seconds from the last reading, also while the exchange does not answer."""

    def __init__(self, exchange: str, source: KlineSource, clock: Clock) -> None:
        self._exchange = exchange
        self._source = source
        self._clock = clock
        self._read: tuple[int, float] | None = None
        self._due_at = clock.monotonic()

    @property
    def ms(self) -> int | None:
        """The time in ms; None before the first reading."""
        if self._read is None:
            return None
        return self._read[0] + int((self._clock.monotonic() - self._read[1]) * 1_000)

    async def refresh(self) -> None:
        """Read the exchange's clock if the last reading is old."""
        if self._clock.monotonic() < self._due_at:
            return
        self._due_at = self._clock.monotonic() + (_REFRESH_SECONDS if self._read else 1.0)
        try:
            stamp = await self._source.exchange_time(self._exchange)
        except (Transient, Permanent) as error:
            _log.warning("feed.clock_not_read", exchange=self._exchange, error=str(error))
            return
        self._read = stamp, self._clock.monotonic()
        self._due_at = self._clock.monotonic() + _REFRESH_SECONDS
