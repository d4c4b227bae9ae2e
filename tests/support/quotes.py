"""A price source that follows a script."""

import asyncio
from collections.abc import Collection, Sequence

from exchanges.ports import PriceStream, Quote, Tradable
from schemas.market import MarketType

T0 = 1_767_614_400_000
"""2026-01-05T12:00Z, in ms."""


def a_quote(price: float, *, at: int = T0, symbol: str = "BTCUSDT", exchange: str = "sim") -> Quote:
    return Quote(Tradable(exchange, "spot", symbol), price, at)


class ScriptedPrices:
    """Answers each call with the next of `script`: quotes, or an error to raise; the last one again and again."""

    def __init__(self, *script: Sequence[Quote] | Exception) -> None:
        self._script = list(script)
        self.asked: list[frozenset[str]] = []
        self.called = asyncio.Event()

    async def prices(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> Sequence[Quote]:
        self.asked.append(frozenset(symbols))
        self.called.set()
        answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def price_stream(
        self, exchange: str, market_type: MarketType, symbols: Collection[str]
    ) -> PriceStream | None:
        return None
