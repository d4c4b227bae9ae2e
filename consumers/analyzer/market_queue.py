"""One market's requests: equal ones share a group, groups are worked on in order, and each request has a deadline.

A group goes through fetch, analyze and publish; then its members have their outcome.
"""

import asyncio
from datetime import datetime

from structlog.contextvars import bound_contextvars

from consumers.analyzer.analyze import SeriesAnalyzer, parse_params
from consumers.analyzer.decode import IncomingRequest
from consumers.analyzer.fetch import CandleFetcher, FetchDeadlineExceeded, FetchProgress
from consumers.analyzer.outcome import Completed, Expired, Outcome, build_failed
from consumers.analyzer.publish import OutcomePublisher
from consumers.analyzer.request_group import RequestGroup, window_key
from exchanges.ports import Series
from runtime import tracing
from runtime.clock import Clock
from runtime.metrics import STAGE_SECONDS
from runtime.tasks import cancel_and_wait, task_error, wait_first

_FETCH_SECONDS = STAGE_SECONDS.labels("fetch")
_COMPUTE_SECONDS = STAGE_SECONDS.labels("compute")

_RECHECK_SECONDS = 5.0
"""The longest sleep between two reads of the wall clock, which may be stepped during a sleep."""


class MarketQueue:
    """Has a worker task while a request waits. The first of `_groups` is the one that is worked on."""

    def __init__(
        self, clock: Clock, fetcher: CandleFetcher, analyzer: SeriesAnalyzer, publisher: OutcomePublisher
    ) -> None:
        self._clock = clock
        self._fetcher = fetcher
        self._analyzer = analyzer
        self._publisher = publisher
        self._groups: list[RequestGroup] = []
        self._joined = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, incoming: IncomingRequest) -> Outcome:
        """Return the request's outcome once the broker has acknowledged it. Cancel it to withdraw the request."""
        group = self._open_group(incoming)
        waiter = group.join(incoming)
        self._joined.set()
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name=f"market queue {group.market}")
        try:
            return await waiter
        except asyncio.CancelledError:
            group.leave(incoming.request_id, waiter)
            if not any(each.request_ids for each in self._groups):
                await self._cancel_worker()
            raise

    def deadline(self, request_id: str) -> datetime | None:
        """Return until when this request waits here, or None if it does not."""
        return max((at for group in self._groups if (at := group.expiry(request_id))), default=None)

    def _open_group(self, incoming: IncomingRequest) -> RequestGroup:
        """Return the group that takes this request, which is a new one at the end if no other does."""
        key = window_key(incoming, self._clock.now())
        for group in self._groups:
            if group.window_key == key:
                return group
        self._groups.append(RequestGroup(incoming, key))
        return self._groups[-1]

    async def _work(self) -> None:
        try:
            while self._groups:
                group = self._groups[0]
                await self._process(group)
                # Requests that joined while the outcome was published wait behind the other groups.
                self._groups = [left for left in (*self._groups[1:], group) if left.request_ids]
        except Exception as error:  # noqa: BLE001 (raised in every waiter, and so in the loop)
            groups, self._groups = self._groups, []
            for group in groups:
                group.abort(error)
        finally:
            if self._worker is asyncio.current_task():
                self._worker = None

    async def _cancel_worker(self) -> None:
        worker, self._worker, self._groups = self._worker, None, []
        if worker is not None:
            await cancel_and_wait(worker)

    async def _process(self, group: RequestGroup) -> None:
        """End every request that is a member now; those who join during the publication may remain."""
        attributes: tracing.Attributes = {
            "strandline.market": group.market.key,
            "strandline.requests": len(group.request_ids),
        }
        with (
            bound_contextvars(market=group.market.key, request_id=next(iter(group.request_ids), None)),
            tracing.continue_trace(group.traceparent, "analyze", attributes),
        ):
            progress = FetchProgress()
            try:
                if outcome := await self._analyze(group, progress):
                    await self._finish(group, outcome)
            except FetchDeadlineExceeded as error:
                await self._finish(group, _build_expired(group, error.request_ids, progress))
            except Exception as error:  # noqa: BLE001 (a bug ends this group's requests, and no other's)
                failed = build_failed(
                    group.market, group.request_ids, error, progress.attempts, group.traceparent
                )
                await self._finish(group, failed)

    async def _analyze(self, group: RequestGroup, progress: FetchProgress) -> Completed | None:
        """Fetch and analyse; None when every member expired first. Raises Permanent, FetchDeadlineExceeded."""
        params = parse_params(group.params)
        series = self._fetcher.lookup_recent(group)
        if series is None:
            with _FETCH_SECONDS.time(), tracing.span("fetch"):
                series = await self._fetch(group, progress)
        if series is None:
            return None
        with _COMPUTE_SECONDS.time(), tracing.span("compute"):
            analysis = await self._analyzer.analyze(series, params)
        return Completed(group.market, group.request_ids, analysis, group.traceparent, series.notes)

    async def _fetch(self, group: RequestGroup, progress: FetchProgress) -> Series | None:
        """Fetch, while requests of every group expire at their time; None when this group has no members left."""
        await self._expire_overdue(progress)
        if not group.request_ids:
            return None
        fetching = asyncio.create_task(self._fetcher.fetch(group, progress), name=f"fetch {group.market}")
        try:
            await asyncio.sleep(0)  # a fetch of cached candles ends in its first step
            await self._expire_overdue(progress)
            while group.request_ids and not fetching.done():
                await self._wait_for_change(fetching)
                await self._expire_overdue(progress)
            return fetching.result() if group.request_ids else None
        finally:
            if not fetching.done():
                await cancel_and_wait(fetching)
            task_error(fetching)  # marks the exception as retrieved: asyncio would log it a second time

    async def _wait_for_change(self, fetching: asyncio.Task[Series]) -> None:
        """Wait until the fetch ends, a deadline comes, or a request joins, which may have an earlier deadline."""
        first = min((group.first_expiry for group in self._groups if group.first_expiry), default=None)
        seconds = (first - self._clock.now()).total_seconds() if first else 0.0
        self._joined.clear()
        sleeping = self._clock.sleep(min(max(0.0, seconds), _RECHECK_SECONDS))
        await wait_first(fetching, sleeping, self._joined.wait())

    async def _expire_overdue(self, progress: FetchProgress) -> None:
        now = self._clock.now()
        for group in list(self._groups):
            if ids := group.overdue(now):
                fetched = progress if group is self._groups[0] else FetchProgress()
                await self._finish(group, _build_expired(group, ids, fetched))

    async def _finish(self, group: RequestGroup, outcome: Outcome) -> None:
        """Publish the outcome, then release the members that it names."""
        await self._publisher.publish(outcome)
        self._record_joined(group, outcome)
        group.resolve(outcome)

    def _record_joined(self, group: RequestGroup, outcome: Outcome) -> None:
        """Add a span to the trace of every request that joined a group whose work is in another trace."""
        if not tracing.is_enabled():
            return
        now = self._clock.now()
        for incoming in group.separate_traces(outcome.request_ids):
            attributes = {
                "strandline.request_id": incoming.request_id,
                "strandline.market": group.market.key,
            }
            tracing.record_span(
                incoming.traceparent, "analyze, joined", incoming.sent_at, now, attributes, link_here=True
            )


def _build_expired(group: RequestGroup, ids: tuple[str, ...], progress: FetchProgress) -> Expired:
    last_error = str(progress.last_error) if progress.last_error else None
    return Expired(group.market, ids, progress.attempts, last_error, group.traceparent)
