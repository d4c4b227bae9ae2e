"""Equal requests that wait together: one fetch, one analysis, and each its own deadline. Pure."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from consumers.analyzer.intake import Asked
from schemas.market import Market
from schemas.requests import AnalysisRequested


class Group:
    """Requests of one market that ask for as many candles with the same params. Members leave when they expire."""

    def __init__(self, first: AnalysisRequested) -> None:
        self.market: Market = first.market
        self.limit = first.limit
        self.params = first.params
        self.work = equal_work(first)
        self.traceparent: str | None = None
        self._expiries: dict[str, datetime] = {}

    def join(self, asked: Asked, request: AnalysisRequested) -> None:
        """Sent twice, a request keeps the later of its deadlines."""
        self.traceparent = self.traceparent or asked.traceparent
        known = self._expiries.get(request.request_id)
        self._expiries[request.request_id] = max(known or request.expires_at, request.expires_at)

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(self._expiries)

    @property
    def next_expiry(self) -> datetime | None:
        return min(self._expiries.values(), default=None)

    def expire(self, now: datetime) -> tuple[str, ...]:
        """The ids whose time has come; they wait no longer."""
        gone = tuple(name for name, expiry in self._expiries.items() if expiry <= now)
        for name in gone:
            del self._expiries[name]
        return gone


def equal_work(request: AnalysisRequested) -> str:
    """Requests with the same words are answered by the same analysis."""
    return f"{request.market.key}|{request.limit}|{json.dumps(request.params, sort_keys=True)}"


def grouped(batch: Iterable[tuple[Asked, AnalysisRequested]]) -> Sequence[Group]:
    """The batch in groups of equal work, in order of their first request."""
    groups: dict[str, Group] = {}
    for asked, request in batch:
        groups.setdefault(equal_work(request), Group(request)).join(asked, request)
    return list(groups.values())
