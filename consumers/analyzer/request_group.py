"""Equal requests that wait together: one fetch, one analysis, and a deadline each. No I/O."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from consumers.analyzer.decode import IncomingRequest
from consumers.analyzer.outcome import Outcome
from schemas.market import candle_period

Waiter = asyncio.Future[Outcome]


@dataclass(slots=True)
class _Member:
    """One request id, with a waiter for each time that it was submitted."""

    expires_at: datetime
    incoming: IncomingRequest
    waiters: list[Waiter] = field(default_factory=list)


class RequestGroup:
    """Requests of one market with the same limit and params. A member leaves with its outcome.

    `traceparent` is the trace in which the group's work is done: that of the first member that has one.
    """

    def __init__(self, first: IncomingRequest, window_key: str) -> None:
        self.market = first.market
        self.limit = first.request.limit
        self.params = first.request.params
        self.window_key = window_key
        self.traceparent: str | None = None
        self._members: dict[str, _Member] = {}

    def join(self, incoming: IncomingRequest) -> Waiter:
        """Add a member. The future gets its outcome. Submitted twice, a request keeps its later deadline."""
        self.traceparent = self.traceparent or incoming.traceparent
        expires_at = incoming.request.expires_at
        member = self._members.setdefault(incoming.request_id, _Member(expires_at, incoming))
        member.expires_at = max(member.expires_at, expires_at)
        waiter: Waiter = asyncio.get_running_loop().create_future()
        member.waiters.append(waiter)
        return waiter

    def leave(self, request_id: str, waiter: Waiter) -> None:
        """Remove a waiter that was cancelled, and its member with the last one."""
        member = self._members.get(request_id)
        if member is not None and waiter in member.waiters:
            member.waiters.remove(waiter)
            if not member.waiters:
                del self._members[request_id]

    @property
    def request_ids(self) -> tuple[str, ...]:
        """The members, in order of arrival."""
        return tuple(self._members)

    @property
    def first_expiry(self) -> datetime | None:
        return min((member.expires_at for member in self._members.values()), default=None)

    @property
    def last_expiry(self) -> datetime | None:
        return max((member.expires_at for member in self._members.values()), default=None)

    def expiry(self, request_id: str) -> datetime | None:
        """Return a member's deadline, or None for an id that is not a member."""
        member = self._members.get(request_id)
        return member.expires_at if member else None

    def overdue(self, now: datetime) -> tuple[str, ...]:
        """Return the members whose deadline has passed."""
        return tuple(name for name, member in self._members.items() if member.expires_at <= now)

    def separate_traces(self, request_ids: Iterable[str]) -> list[IncomingRequest]:
        """Return those of these members that have a trace other than the group's."""
        members = [self._members[name].incoming for name in request_ids if name in self._members]
        return [one for one in members if one.traceparent not in {None, self.traceparent}]

    def resolve(self, outcome: Outcome) -> None:
        """Give the outcome, once published, to the members that it names; they leave the group."""
        for request_id in outcome.request_ids:
            member = self._members.pop(request_id, None)
            for waiter in member.waiters if member else ():
                if not waiter.done():
                    waiter.set_result(outcome)

    def abort(self, error: Exception) -> None:
        """Raise a bug of the queue's own in every waiter, and so in the consumer loop."""
        for member in self._members.values():
            for waiter in member.waiters:
                if not waiter.done():
                    waiter.set_exception(error)
        self._members.clear()


def window_key(incoming: IncomingRequest, now: datetime) -> str:
    """Return the coalescing key within a candle period: a fetch from before a close lacks the candle that closed."""
    return f"{incoming.coalescing_key}|{candle_period(now, incoming.market.timeframe)}"
