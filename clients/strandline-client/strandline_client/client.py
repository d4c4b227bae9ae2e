"""The synchronous client."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpcore

from strandline_client import calls
from strandline_client.answers import pause_before, read_answer, read_error
from strandline_client.calls import Batch, Call, Json, Page
from strandline_client.errors import Unavailable
from strandline_client.http import POOL, TRANSPORT_ERRORS, Server, find_proxy, read_response
from strandline_client.models import Candle, Job, LevelEvent, NearLevel, Publication, Result, TradableMarket
from strandline_client.sse import Event, EventParser, LineSplitter, RepeatFilter
from strandline_client.waiting import MAX_WAIT, read_outcome, read_result_id
from strandline_client.watch_models import Fire, StandingWatch, Watch

T = TypeVar("T")

STREAM_TIMEOUT = 45.0
"""Seconds of silence after which a stream counts as cut: the server sends something every 12 s."""

EXPORT_TIMEOUT = 180.0
"""Seconds without a byte: the server first fetches the candles of a long export, then analyses for seconds."""


class Client:
    """Calls a Strandline server. `retries` is how often a call is repeated while the server is away or busy.

    `pool` replaces the network in tests. Close the client, or use it in a `with`.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        api_key: str | None = None,
        timeout: float = 15.0,
        retries: int = 3,
        pool: httpcore.ConnectionPool | None = None,
    ) -> None:
        self._server = Server(url, api_key)
        self._pool = pool or httpcore.ConnectionPool(proxy=find_proxy(url), **POOL)
        self._timeout = timeout
        self._retries = retries
        self._sleep = time.sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def results(self, page: int = 1, page_size: int = 100, **filters: str | None) -> Page[Result]:
        """Return a page of results. Filters: `symbol` (any part of it), `exchange`, `market_type`, `timeframe`."""
        return self._send(calls.list_results(page, page_size, filters))

    def all_results(self, **filters: str | None) -> Iterator[Result]:
        """Yield every result with its levels, in few calls; one that is renewed is neither omitted nor repeated."""
        cursor: str | None = calls.FIRST_CURSOR
        while cursor is not None:
            chunk = self._send(calls.list_results_after(cursor, filters))
            yield from chunk.items
            cursor = chunk.next

    def result(self, result_id: int, *, at: datetime | None = None) -> Result:
        """Return a result with its levels: the newest, or the one that was published at the time `at`."""
        return self._send(calls.get_result(result_id, at))

    def result_of(self, market: str, *, at: datetime | None = None) -> Result:
        """Return the result of a market key such as `binance:spot:BTCUSDT:1h`."""
        return self._send(calls.get_result_by_market(market, at))

    def history(self, market: str, page: int = 1, page_size: int = 100) -> Page[Publication]:
        """Return what was published of a market, the newest first."""
        return self._send(calls.list_publications(self.result_of(market).id, page, page_size))

    def export_levels(
        self, market: str, start: datetime, end: datetime | None = None, *, file_format: str = "csv"
    ) -> bytes:
        """Return the levels as they were known at each of at most 20,000 closes: `csv`, `parquet` or `arrow`.

        `frames.known_levels_frame` reads the csv.
        """
        call = calls.export_levels(market, start, end, file_format)
        return self._send(call, timeout=EXPORT_TIMEOUT)

    def candles(
        self,
        market: str,
        limit: int | None = None,
        *,
        since: datetime | None = None,
        before: datetime | None = None,
    ) -> list[Candle]:
        """Return at most 2,000 candles of a market key (1,000 without `limit`), the oldest first.

        They are the newest, the first that open at `since` or later, or the last that open before `before`.
        """
        return self._send(calls.list_candles(market, limit, since, before))

    def markets(self, **question: str | int | None) -> list[TradableMarket]:
        """Return tradable markets. The question: `exchange`, `search`, `market_type`, `limit`."""
        return self._send(calls.list_markets(question))

    def near_levels(self, **question: str | float | bool | None) -> list[NearLevel]:
        """Return levels by their distance to the price, the nearest first.

        The question: `within_pct` or `within_atr`, `side`, `fresh`, `min_touches`, `min_reach`, `timeframe`,
        `exchange`, `market_type`, `quote`, `limit`.
        """
        return self._send(calls.list_near_levels(question))

    def level_events(self, market: str, level_id: str) -> list[LevelEvent]:
        """Return what happened at a level of a market, the newest first."""
        return self._send(calls.list_level_events(market, level_id))

    def request(self, symbol: str, timeframe: str = "1h", **fields: Any) -> str:
        """Request an analysis, which runs in the background; return its `request_id`."""
        answer = self._send(calls.trigger_analysis({"symbol": symbol, "timeframe": timeframe, **fields}))
        return str(answer["request_id"])

    def request_many(self, requests: Sequence[Json]) -> Batch:
        """Request at most 500 analyses in one call."""
        return self._send(calls.request_many(requests))

    def analyze(self, symbol: str, timeframe: str = "1h", *, within: float = 60.0, **fields: Any) -> Result:
        """Request an analysis and return its result. Raises AnalysisFailed, and TimeoutError after `within` seconds."""
        deadline = time.monotonic() + within
        request = {"symbol": symbol, "timeframe": timeframe, **fields}
        wait = min(within, MAX_WAIT)
        answer = self._send(calls.trigger_analysis(request, wait), timeout=wait + self._timeout)
        if (result := read_outcome(answer)) is not None:
            return result
        while time.monotonic() < deadline:
            if (result_id := read_result_id(self.job(str(answer["request_id"])))) is not None:
                return self.result(result_id)
            self._sleep(1.0)
        raise TimeoutError(f"request {answer['request_id']} has not ended within {within:g} s")

    def job(self, request_id: str) -> Job:
        """Return the state of a request."""
        return self._send(calls.get_job(request_id))

    def jobs(self, request_ids: Iterable[str]) -> list[Job]:
        """Return the states of at most 500 requests; unknown ones are omitted."""
        return self._send(calls.get_jobs(request_ids))

    def watches(self, page: int = 1, page_size: int = 100, **filters: str | None) -> Page[Watch]:
        """Return a page of watches, the newest first."""
        return self._send(calls.list_watches(page, page_size, filters))

    def watch(self, watch_id: str) -> Watch:
        """Return one watch."""
        return self._send(calls.get_watch(watch_id))

    def create_watch(self, symbol: str, **fields: Any) -> Watch:
        """Create a watch: `condition`, `target` or `level_id`, `side`, and the other fields of the REST call."""
        return self._send(calls.create_watch({"symbol": symbol, **fields}))

    def change_watch(self, watch_id: str, **changes: Any) -> Watch:
        """Change fields of a watch; None clears `expires_at` and `note`."""
        return self._send(calls.change_watch(watch_id, changes))

    def delete_watch(self, watch_id: str) -> None:
        """Delete a watch."""
        self._send(calls.delete_watch(watch_id))

    def restore_watch(self, watch_id: str) -> Watch:
        """Take the deletion of a watch back, for a day after it."""
        return self._send(calls.restore_watch(watch_id))

    def standing_watches(self) -> list[StandingWatch]:
        """Return the standing watches."""
        return self._send(calls.list_standing_watches())

    def create_standing_watch(
        self, name: str, *, delivery: Json | None = None, **question: Any
    ) -> StandingWatch:
        """Create a watch for all levels that price comes near to.

        The question: `within_pct` or `within_atr`, `side`, `fresh`, `min_touches`, `timeframe`, `exchange`,
        `market_type`, `quote`, `markets`.
        """
        return self._send(calls.create_standing_watch(name, question, delivery))

    def change_standing_watch(self, watch_id: str, **changes: Any) -> StandingWatch:
        """Change `name`, `state` (`active`, `paused`) or `delivery` of a standing watch."""
        return self._send(calls.change_standing_watch(watch_id, changes))

    def delete_standing_watch(self, watch_id: str) -> None:
        """Delete a standing watch."""
        self._send(calls.delete_standing_watch(watch_id))

    def fires(self, watch_id: str) -> list[Fire]:
        """Return the fires of a watch, the newest first."""
        return self._send(calls.list_fires(watch_id))

    def stream(
        self, *, market: str | None = None, types: Iterable[str] = (), last_id: str = ""
    ) -> Iterator[Event]:
        """Yield events until the iterator is closed; after a cut it resumes, and omits what it has already yielded.

        Raises Refused, and Unavailable where the server stays away for more attempts than `retries`.
        """
        parser, repeats, attempt = EventParser(last_id), RepeatFilter(), 1
        kinds = ",".join(types)
        while True:
            try:
                for event in self._read_stream(parser, market, kinds):
                    if not repeats.is_repeat(event):
                        yield event
            except Unavailable as error:
                attempt = 1 if parser.has_received else attempt
                attempt = self._pause(attempt + 1, error)

    def _read_stream(self, parser: EventParser, market: str | None, types: str) -> Iterator[Event]:
        parser.begin()
        request = self._server.build_stream_request(
            market, types, parser.last_id, self._timeout, STREAM_TIMEOUT
        )
        splitter = LineSplitter()
        try:
            with self._pool.stream(*request.line, **request.options) as response:
                if response.status != 200:
                    raise read_error(read_response(response, response.read()))
                for piece in response.iter_stream():
                    for line in splitter.push(piece):
                        if (event := parser.feed(line)) is not None:
                            yield event
        except TRANSPORT_ERRORS as error:
            raise Unavailable(f"the stream was cut: {error}") from error
        raise Unavailable("the server closed the stream")

    def _send(self, call: Call[T], timeout: float | None = None) -> T:
        attempt = 1
        while True:
            try:
                return self._send_once(call, timeout or self._timeout)
            except Unavailable as error:
                if not call.is_repeatable:
                    raise
                attempt = self._pause(attempt + 1, error)

    def _send_once(self, call: Call[T], timeout: float) -> T:
        request = self._server.build_request(call, timeout)
        try:
            response = self._pool.request(*request.line, **request.options)
        except TRANSPORT_ERRORS as error:
            raise Unavailable(f"the server did not answer: {error}") from error
        return read_answer(call, read_response(response, response.content))

    def _pause(self, attempt: int, error: Unavailable) -> int:
        """Wait before attempt number `attempt`, and return it. Raises `error` where there are no more."""
        if attempt > self._retries + 1:
            raise error
        self._sleep(pause_before(attempt, error))
        return attempt
