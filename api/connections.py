"""What a composition root opens for the API."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Broker
from exchanges.ports import CandleSource
from producers.requests.publisher import RequestPublisher
from runtime.clock import Clock
from runtime.settings import Settings
from storage.response_cache import ResponseCache


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """Connections to the services, which their opener closes.

    `candles` serves charts and the list of markets only: the API never analyzes.
    """

    engine: AsyncEngine
    publisher: RequestPublisher
    candles: CandleSource
    broker: Broker
    settings: Settings
    clock: Clock
    cache: ResponseCache | None = None
    only_reads: AsyncEngine | None = None
    """A second engine for what is read often; without one `engine` reads."""

    @property
    def reader(self) -> AsyncEngine:
        """The engine for statements that only read, each of which is a transaction of its own."""
        return self.only_reads or self.engine
