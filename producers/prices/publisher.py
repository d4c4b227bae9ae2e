"""Publishes prices: on their topic, and the latest in Redis where there is one."""

import asyncio
from collections.abc import Sequence

import structlog

from broker.ports import Broker, Message
from exchanges.latest_prices import LatestPrices
from exchanges.ports import Quote, Tradable
from producers.prices.policy import select_changes
from runtime import metrics
from runtime.errors import Transient
from schemas.events import PriceTicked
from schemas.topics import encode_price
from schemas.values import from_ms

_log = structlog.get_logger(__name__)

_PUBLISH_TIMEOUT = 5.0
"""Seconds: by then there is a newer price."""


class PricePublisher:
    """A price that could not be published is dropped: newer ones follow, and consumers need only the newest."""

    def __init__(self, broker: Broker, latest: LatestPrices | None, *, source: str) -> None:
        self._broker = broker
        self._latest = latest
        self._source = source
        self._published: dict[Tradable, Quote] = {}

    async def publish(self, quotes: Sequence[Quote], *, by: str) -> None:
        """Return when the changed quotes are published, or have failed. `by`: their source, for the metric."""
        changes = select_changes(self._published, quotes)
        outcomes = await asyncio.gather(*(self._send(quote) for quote in changes), return_exceptions=True)
        errors: list[BaseException] = []
        for quote, outcome in zip(changes, outcomes, strict=True):
            if outcome is None:
                self._published[quote.market] = quote
                metrics.PRICES_PUBLISHED.labels(quote.market.exchange, by).inc()
            else:
                errors.append(outcome)
        if self._latest is not None:
            await self._latest.store(quotes)
        if errors:
            self._report(changes[0].market.exchange, errors)

    async def _send(self, quote: Quote) -> None:
        market = quote.market
        event = PriceTicked(
            exchange=market.exchange,
            market_type=market.market_type,
            symbol=market.symbol,
            price=quote.price,
            at=from_ms(quote.at),
        )
        encoded = encode_price(event, source=self._source)
        await self._broker.publish(Message(*encoded), timeout=_PUBLISH_TIMEOUT)

    def _report(self, exchange: str, errors: Sequence[BaseException]) -> None:
        """Log errors that may pass. Raises the first one that does not."""
        if bug := next((error for error in errors if not isinstance(error, Transient)), None):
            raise bug
        metrics.PRICE_ERRORS.labels(exchange, "publish").inc()
        _log.warning("prices.not_published", exchange=exchange, prices=len(errors), error=str(errors[0]))
