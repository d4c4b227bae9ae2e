"""What we hang into a ccxt object: every call pays before it goes, every answer is looked at before ccxt sees it."""

from collections.abc import Mapping, Sequence
from typing import Any

from exchanges.ccxt.errors import refusal
from exchanges.rate_limit.limiter import Budget
from exchanges.rate_limit.token_bucket import Limit
from exchanges.rate_limit.weights import Charge, Tariff
from runtime.errors import Transient


class Toll:
    """The calls of one ccxt object to the exchange at `place`, on a budget.

    A place is an exchange at an address (`binance`, `sim@127.0.0.1:9000`): what is counted there is counted together.
    """

    def __init__(self, place: str, tariff: Tariff, budget: Budget) -> None:
        self._place = place
        self._tariff = tariff
        self._budget = budget
        self._told: dict[str, Limit] = {}

    async def pay(self, charge: Charge) -> None:
        await self._budget.spend(self._name(charge.system), self._limit(charge.system), charge.weight)

    async def refused(self, charge: Charge, seconds: float) -> None:
        await self._budget.stay_away(self._name(charge.system), self._limit(charge.system), seconds)

    def answered(self, url: str, headers: Mapping[str, str], body: str) -> None:
        system = self._tariff.system_of(url)
        if limit := self._tariff.limit_told(url, body):
            self._told[system] = limit
        if news := self._tariff.counted(headers):
            self._budget.counted(self._name(system), news)

    def install(self, opened: Any) -> None:
        """Around ccxt's `fetch2`, through which each call goes once, and which waits for ccxt's throttle if that is on:
        it must be off, for it would slow calls a second time, and knows nothing of other processes."""
        inner, tariff = opened.fetch2, self._tariff

        async def fetch2(
            path: str,
            api: Sequence[str] = ("public",),
            method: str = "GET",
            params: Mapping[str, Any] | None = None,
            config: Mapping[str, Any] | None = None,
        ) -> Any:
            params, config = params or {}, config or {}
            charge = tariff.charge(api, path, params, config)
            await self.pay(charge)
            try:
                return await inner(path, api, method, params, config)
            except Transient as error:
                if error.retry_after:
                    await self.refused(charge, error.retry_after)
                raise

        opened.fetch2 = fetch2

    def _limit(self, system: str) -> Limit:
        return self._told.get(system) or self._tariff.limit(system)

    def _name(self, system: str) -> str:
        return f"{self._place}:{system}" if system else self._place


def watch_answers(exchange: str, opened: Any, toll: Toll) -> None:
    """Into ccxt's hooks for raw answers, the only places where headers and text are seen call by call."""
    inner_rest, inner_json = opened.on_rest_response, opened.on_json_response

    def on_rest_response(
        status: int, reason: str, url: str, method: str, headers: Any, body: str, *rest: Any
    ) -> str:
        toll.answered(url, headers, body)
        if refused := refusal(exchange, status, headers):
            raise refused
        # ccxt would take a login page, or nothing, for "no markets" or "no candles".
        if status == 200 and body.lstrip()[:1] not in {"{", "["}:
            raise Transient(f"{exchange} sent something else than JSON")
        text: str = inner_rest(status, reason, url, method, headers, body, *rest)
        return text

    def on_json_response(body: str) -> Any:
        try:
            return inner_json(body)
        except ValueError as error:
            # ccxt would take it for plain text.
            raise Transient(f"{exchange} sent an answer that broke off") from error

    opened.on_rest_response, opened.on_json_response = on_rest_response, on_json_response
