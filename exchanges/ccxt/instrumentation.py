"""Hooks in a ccxt object: each call is paid for before it goes, each answer is checked before ccxt reads it."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import ccxt

from exchanges.ccxt.errors import http_refusal, mark_status, to_strandline_error
from exchanges.rate_limit.limiter import RateLimiter
from exchanges.rate_limit.token_bucket import RateLimit
from exchanges.rate_limit.weights import RequestCost, RequestWeights
from runtime.errors import Transient


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """The answer that the present task received last."""

    status: int
    body: str

    @property
    def may_be_empty(self) -> bool:
        """Whether "no candles" can be what it means: it holds a list, or null in place of one."""
        try:
            return _has_list(json.loads(self.body))
        except ValueError:
            return False


last_answer: ContextVar[RawAnswer | None] = ContextVar("last_answer", default=None)


class RateLimitHook:
    """Puts the calls of one ccxt object under a rate limiter.

    `key` names an exchange at an address (`binance`, `sim@127.0.0.1:9000`): its calls are counted together.
    """

    def __init__(self, key: str, weights: RequestWeights, limiter: RateLimiter) -> None:
        self._key = key
        self._weights = weights
        self._limiter = limiter
        self._limits: dict[str, RateLimit] = {}

    async def acquire(self, cost: RequestCost) -> None:
        """Return when the call may go. Raises BudgetExceeded."""
        await self._limiter.acquire(self._bucket(cost.system), self._limit(cost.system), cost.weight)

    async def block_for(self, cost: RequestCost, seconds: float) -> None:
        """Block calls under the limit of `cost` for as long as the exchange asked."""
        await self._limiter.block_for(self._bucket(cost.system), self._limit(cost.system), seconds)

    def observe_response(self, url: str, headers: Mapping[str, str], body: str) -> None:
        """Record the limit and the usage that an answer reports."""
        system = self._weights.system_of(url)
        if limit := self._weights.parse_limit(url, body):
            self._limits[system] = limit
        if report := self._weights.parse_usage(headers):
            self._limiter.report_usage(self._bucket(system), report)

    def install(self, exchange: Any) -> None:
        """Wrap ccxt's `fetch2`, which each call passes once.

        ccxt's own throttle must be off: it would delay calls a second time, and does not know other processes.
        """
        inner, weights = exchange.fetch2, self._weights

        async def fetch2(
            path: str,
            api: Sequence[str] = ("public",),
            method: str = "GET",
            params: Mapping[str, Any] | None = None,
            config: Mapping[str, Any] | None = None,
        ) -> Any:
            params, config = params or {}, config or {}
            cost = weights.cost_of(api, path, params, config)
            await self.acquire(cost)
            last_answer.set(None)
            try:
                return await inner(path, api, method, params, config)
            except Transient as error:
                await self._obey(cost, error)
                raise
            except ccxt.BaseError as error:
                if answer := last_answer.get():
                    mark_status(error, answer.status)
                await self._obey(cost, to_strandline_error(self._key, error))
                raise

        exchange.fetch2 = fetch2

    async def _obey(self, cost: RequestCost, error: Exception) -> None:
        if isinstance(error, Transient) and error.retry_after:
            await self.block_for(cost, error.retry_after)

    def _limit(self, system: str) -> RateLimit:
        return self._limits.get(system) or self._weights.limit_for(system)

    def _bucket(self, system: str) -> str:
        return f"{self._key}:{system}" if system else self._key


def install_response_checks(
    name: str, exchange: Any, hook: RateLimitHook, observe_date: Callable[[int], None]
) -> None:
    """Wrap ccxt's hooks for raw answers, the only places where headers and text of each call are visible.

    `observe_date` receives the time (ms) of each answer's Date header.
    """
    inner_rest, inner_json = exchange.on_rest_response, exchange.on_json_response

    def on_rest_response(
        status: int, reason: str, url: str, method: str, headers: Any, body: str, *rest: Any
    ) -> str:
        last_answer.set(RawAnswer(status, body))
        if date := _parse_date(headers):
            observe_date(date)
        hook.observe_response(url, headers, body)
        if error := http_refusal(name, status, headers, body):
            raise error
        # ccxt would read a login page, or an empty body, as "no markets" or "no candles".
        if status == 200 and body.lstrip()[:1] not in {"{", "["}:
            raise Transient(f"{name} answered with something other than JSON")
        text: str = inner_rest(status, reason, url, method, headers, body, *rest)
        return text

    def on_json_response(body: str) -> Any:
        try:
            return inner_json(body)
        except ValueError as error:
            # ccxt would read a truncated answer as plain text.
            raise Transient(f"{name} sent a truncated answer") from error

    exchange.on_rest_response, exchange.on_json_response = on_rest_response, on_json_response


def _parse_date(headers: Mapping[str, str]) -> int | None:
    value = next((value for name, value in headers.items() if name.lower() == "date"), None)
    try:
        return int(parsedate_to_datetime(value).timestamp() * 1_000) if value else None
    except (ValueError, OverflowError):
        return None


def _has_list(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_has_list(item) for item in value.values())
    return value is None or isinstance(value, list)
