"""Tells prices: onto their topic, and the latest into Redis where there is one."""

import asyncio
from collections.abc import Sequence

import structlog

from broker.ports import Broker, Message
from exchanges.latest_prices import LatestPrices
from exchanges.ports import Quote, Tradable
from producers.prices.policy import news
from runtime import metrics
from runtime.errors import Transient
from schemas.events import PriceTicked
from schemas.topics import encode_price
from schemas.values import from_ms

_log = structlog.get_logger(__name__)

_PUBLISHED_WITHIN = 5.0
"""Seconds: an older price is no news, and a newer one is there by then."""


class PriceTeller:
    """What could not be published is not kept: prices go on, and a consumer that was away wants the newest."""

    def __init__(self, broker: Broker, latest: LatestPrices | None, *, source: str) -> None:
        self._broker = broker
        self._latest = latest
        self._source = source
        self._told: dict[Tradable, Quote] = {}

    async def tell(self, quotes: Sequence[Quote], *, by: str) -> None:
        """Returns when the news among `quotes` is out, or could not be published. `by`: how they came."""
        fresh = news(self._told, quotes)
        outcomes = await asyncio.gather(*(self._publish(quote) for quote in fresh), return_exceptions=True)
        failed: list[BaseException] = []
        for quote, outcome in zip(fresh, outcomes, strict=True):
            if outcome is None:
                self._told[quote.market] = quote
                metrics.PRICES_PUBLISHED.labels(quote.market.exchange, by).inc()
            else:
                failed.append(outcome)
        if self._latest is not None:
            await self._latest.store(quotes)
        if failed:
            self._complain(fresh[0].market.exchange, failed)

    async def _publish(self, quote: Quote) -> None:
        of = quote.market
        event = PriceTicked(
            exchange=of.exchange,
            market_type=of.market_type,
            symbol=of.symbol,
            price=quote.price,
            at=from_ms(quote.at),
        )
        encoded = encode_price(event, source=self._source)
        await self._broker.publish(Message(*encoded), timeout=_PUBLISHED_WITHIN)

    def _complain(self, exchange: str, failed: Sequence[BaseException]) -> None:
        """Raises what is no passing trouble."""
        if bug := next((error for error in failed if not isinstance(error, Transient)), None):
            raise bug
        metrics.PRICE_ERRORS.labels(exchange, "publish").inc()
        _log.warning("prices.not_published", exchange=exchange, prices=len(failed), error=str(failed[0]))
