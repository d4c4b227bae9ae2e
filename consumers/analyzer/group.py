"""Equal requests that wait together: one fetch, one analysis, and each its own deadline. Pure but for its futures."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from consumers.analyzer.intake import Asked
from schemas.market import Market
from schemas.requests import AnalysisRequested


@dataclass(slots=True)
class Member:
    """One request id, and whoever waits for it to be answered: as many as it was sent."""

    expires_at: datetime
    asked: Asked
    waiters: list[asyncio.Future[None]] = field(default_factory=list)


class Group:
    """Requests of one market that ask for as many candles with the same params. Members leave as they are answered."""

    def __init__(self, first: AnalysisRequested, work: str) -> None:
        self.market: Market = first.market
        self.limit = first.limit
        self.params = first.params
        self.work = work
        self.words = equal_work(first)
        self.traceparent: str | None = None
        self._members: dict[str, Member] = {}

    def join(self, asked: Asked, request: AnalysisRequested, waiter: asyncio.Future[None]) -> None:
        """`waiter` is done once the request is answered. Sent twice, a request keeps the later of its deadlines."""
        self.traceparent = self.traceparent or asked.traceparent
        member = self._members.setdefault(request.request_id, Member(request.expires_at, asked))
        member.expires_at = max(member.expires_at, request.expires_at)
        member.waiters.append(waiter)

    def leave(self, request_id: str, waiter: asyncio.Future[None]) -> None:
        """Whoever waited has given up: the partition was lost, or the process stops."""
        member = self._members.get(request_id)
        if member is not None and waiter in member.waiters:
            member.waiters.remove(waiter)
            if not member.waiters:
                del self._members[request_id]

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(self._members)

    def joined(self, request_ids: Iterable[str]) -> list[Asked]:
        """Of these, the members whose trace is another than the one that the group's work is done in."""
        members = [self._members[name].asked for name in request_ids if name in self._members]
        return [one for one in members if one.traceparent not in {None, self.traceparent}]

    @property
    def first_expiry(self) -> datetime | None:
        return min((member.expires_at for member in self._members.values()), default=None)

    @property
    def last_expiry(self) -> datetime | None:
        return max((member.expires_at for member in self._members.values()), default=None)

    def expiry(self, request_id: str) -> datetime | None:
        """When a member's time comes; None for one that is not, or no longer, waiting here."""
        member = self._members.get(request_id)
        return member.expires_at if member else None

    def expired(self, now: datetime) -> tuple[str, ...]:
        """The ids whose time has come."""
        return tuple(name for name, member in self._members.items() if member.expires_at <= now)

    def answered(self, request_ids: Iterable[str]) -> None:
        """Their answers are on a topic: nobody needs to wait for them any more."""
        for request_id in request_ids:
            member = self._members.pop(request_id, None)
            for waiter in member.waiters if member else ():
                if not waiter.done():
                    waiter.set_result(None)

    def broke(self, error: Exception) -> None:
        """What should never happen, happened: whoever waits is told."""
        for member in self._members.values():
            for waiter in member.waiters:
                if not waiter.done():
                    waiter.set_exception(error)
        self._members.clear()


def equal_work(request: AnalysisRequested) -> str:
    """Requests with the same words are answered by the same analysis."""
    return f"{request.market.key}|{request.limit}|{json.dumps(request.params, sort_keys=True)}"
