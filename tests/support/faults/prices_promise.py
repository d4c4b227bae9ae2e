"""The promise of the prices role: soon after a fault the last price is known again, on the topic and in Redis."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from exchanges.latest_prices import open_latest_prices
from exchanges.ports import Tradable
from runtime.clock import SystemClock
from schemas.events import PriceTicked
from schemas.topics import PRICES
from tests.support.faults import reading
from tests.support.faults.crew import Role
from tests.support.faults.promise import Verdict, wait_until
from tests.support.faults.stand import FaultEnvironment

_MARKET = Tradable("binance", "spot", "BTCUSDT")
_PRICE = 64_000.0


class PricesPromise:
    roles: Mapping[Role, int] = {"prices": 1}

    def __init__(self, stand: FaultEnvironment, _requests: int) -> None:
        self._stand = stand
        self._pushed = 0
        assert stand.owned.redis is not None, "this promise needs a Redis"
        self._latest = open_latest_prices(SecretStr(stand.owned.redis.address), SystemClock())

    async def prepare(self) -> None:
        await self.probe()

    async def exercise(self) -> None:
        """Do nothing: each probe is one price."""

    async def probe(self) -> None:
        """Trade at a new price, and wait until it is published and stored."""
        self._pushed += 1
        price, since = _PRICE + self._pushed, datetime.now(UTC) - timedelta(seconds=1)
        await self._stand.exchange.push(_MARKET.symbol, price)
        await wait_until(lambda: self._is_stored(price), 0.1)
        await wait_until(lambda: self._is_published(price, since), 0.25)

    async def judge(self) -> Verdict:
        return Verdict(note=f"{self._pushed} prices known again")

    async def _is_stored(self, price: float) -> bool:
        assert self._latest is not None
        found = await self._latest.load([_MARKET])
        return _MARKET in found and found[_MARKET].price == price

    async def _is_published(self, price: float, since: datetime) -> bool:
        records = await reading.read_records(self._stand.broker, [PRICES.name], since)
        events = (PriceTicked.model_validate_json(record.value or b"") for record in records)
        return any(event.symbol == _MARKET.symbol and event.price == price for event in events)
