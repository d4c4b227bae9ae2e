"""Compose the whole pipeline in one process: in-process broker, SQLite, a simulated exchange, every role on one loop.

Services that the settings name are used instead: a Kafka, a MySQL, a real exchange, a simulator elsewhere.
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.connections import Connections
from api.health.ops_pages import check_api
from api.server import serve_api
from broker.kafka.connect import connect_kafka
from broker.memory.broker import MemoryBroker
from broker.memory.journal import open_journal
from broker.ports import Broker
from consumers.analyzer.__main__ import run as run_analyzer
from consumers.notifier.__main__ import run as run_notifier
from consumers.sink.__main__ import run as run_sink
from consumers.tracker.__main__ import run as run_tracker
from consumers.watcher.__main__ import run as run_watcher
from exchanges.ccxt.source import CcxtCandleSource
from producers.feed.__main__ import run as run_feed
from producers.prices.__main__ import run as run_prices
from producers.requests.journal import JobJournal
from producers.requests.publisher import RequestPublisher
from producers.role_process import RoleProcess
from producers.scheduler.__main__ import run as run_scheduler
from producers.watchlist.entries import WatchlistEntry, read_watchlist
from runtime.clock import SystemClock
from runtime.errors import ConfigurationError, StrandlineError
from runtime.ops import aggregate_health
from runtime.serving import HttpServer, require_free_port
from runtime.settings import Settings
from schemas.market import SIMULATED, MarketType
from schemas.requests import AnalysisRequested
from schemas.topics import TOPICS
from simulator import serve as serve_simulator
from storage.database import open_database
from storage.jobs import load_queued_requests
from storage.migrations import upgrade
from storage.response_cache import ResponseCache
from storage.response_cache import open_response_cache as open_cache
from strandline.up.patience import Patience

Role = Callable[[RoleProcess], Coroutine[Any, Any, None]]
"""Works until its process stops, then finishes the work in flight."""

_CANDLES = "candles.sqlite3"
_JOURNAL = "broker.sqlite3"
"""The file in the data folder that keeps durable topics of the in-process broker."""

_LOCK_TIMEOUT = 10.0
"""Seconds that an upgrade waits for the file before `up` prints that it waits."""

FIRST_MARKETS: tuple[tuple[str, MarketType, str], ...] = (
    ("BTCUSDT", "spot", "1h"),
    ("ETHUSDT", "spot", "4h"),
    ("SOLUSDT", "spot", "1h"),
    ("BNBUSDT", "spot", "15m"),
    ("BTCUSDT", "spot", "1d"),
    ("BTCUSDT", "future", "1h"),
)
"""Requested at the start, and kept fresh where no watchlist is set."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Resources that the roles share while the pipeline is open."""

    settings: Settings
    broker: Broker
    engine: AsyncEngine
    source: CcxtCandleSource
    publisher: RequestPublisher
    left_over: Sequence[AnalysisRequested]


@asynccontextmanager
async def open_pipeline(settings: Settings, patience: Patience) -> AsyncIterator[Pipeline]:
    """Open the shared resources, and close them in reverse order. Raises ConfigurationError."""
    async with AsyncExitStack() as stack:
        stack.enter_context(_lock_data_dir(settings.data_dir))
        require_free_port(settings.http_host, settings.http_port)
        settings = _apply_defaults(settings)
        if SIMULATED not in settings.exchange_urls:
            settings = settings.with_exchange(SIMULATED, await stack.enter_async_context(serve_simulator()))
        await patience.wait_for(partial(upgrade, settings.require_database_url(), lock_timeout=_LOCK_TIMEOUT))
        engine = open_database(settings.require_database_url())
        stack.push_async_callback(engine.dispose)
        broker = await _open_broker(settings, stack, patience)
        await patience.wait_for(
            partial(
                broker.create_topics,
                TOPICS,
                partitions=settings.topic_partitions,
                replication=settings.topic_replication,
            )
        )
        source = CcxtCandleSource(settings)
        stack.push_async_callback(source.close)
        left_over = (
            [] if settings.kafka_bootstrap else await patience.wait_for(partial(_load_queued, engine))
        )  # Kafka keeps its own requests
        publisher = RequestPublisher(
            broker, source="/strandline/up", clock=SystemClock(), journal=JobJournal(engine, required=True)
        )
        yield Pipeline(settings, broker, engine, source, publisher, left_over)


async def _open_broker(settings: Settings, stack: AsyncExitStack, patience: Patience) -> Broker:
    """Open Kafka's client or the in-process broker with its journal in the data folder; `stack` closes it."""
    broker: Broker
    if settings.kafka_bootstrap:
        broker = connect_kafka(settings)
    else:
        file = settings.data_dir / _JOURNAL
        journal = await patience.wait_for(lambda: stack.enter_async_context(open_journal(file)))
        broker = MemoryBroker(journal=journal)
    stack.push_async_callback(broker.close)
    return broker


@asynccontextmanager
async def run_roles(pipeline: Pipeline, patience: Patience) -> AsyncIterator[str]:
    """Run every role; yield the API's URL.

    On exit the API stops accepting first, then the remaining work is finished and written.
    Raises (as an ExceptionGroup) the error that stopped a role.
    """
    async with (
        aggregate_health(pipeline.settings) as health,
        asyncio.TaskGroup() as roles,
        AsyncExitStack() as stack,
    ):
        for role in _roles(pipeline):
            _start(role, RoleProcess(pipeline.settings, pipeline.broker, health=health), roles, stack)
        settings = pipeline.settings
        cache = open_cache(settings.redis_url, SystemClock(), settings.cache_seconds)
        if cache is not None:
            stack.push_async_callback(cache.close)
        connections = _connections(pipeline, cache)
        app = create_app(connections, load_early=True)
        stack.enter_context(health.register(check_api(connections)))
        api = await stack.enter_async_context(
            serve_api(app, host=settings.http_host, port=settings.http_port)
        )
        stack.callback(roles.create_task(_watch_api(api)).cancel)
        for request in pipeline.left_over:
            await patience.wait_for(partial(pipeline.publisher.publish, request))
        yield api.url


def _roles(of: Pipeline) -> Iterator[Role]:
    """Yield the roles in start order; they stop in reverse, producers of a topic before its consumers."""
    yield lambda process: run_sink(process, of.engine)
    yield lambda process: run_tracker(process, of.engine)
    yield lambda process: run_analyzer(_keep_candles(process), of.source)
    yield lambda process: run_notifier(
        process, of.engine
    )  # without targets as well, so that a target configured later gets no old fires
    yield lambda process: run_watcher(process, of.engine, of.source)
    yield lambda process: run_prices(process, of.engine, of.source)
    yield lambda process: run_feed(process, _load_watchlist(of.settings), of.engine, of.source)
    yield lambda process: run_scheduler(process, _load_watchlist(of.settings), of.engine, of.source)


def _start(role: Role, process: RoleProcess, roles: asyncio.TaskGroup, stack: AsyncExitStack) -> None:
    """Start a role; `stack` stops it and waits until it has finished."""
    stack.push_async_callback(_stop_role, process.stop, roles.create_task(role(process)))


def _keep_candles(process: RoleProcess) -> RoleProcess:
    """Let the analyzer keep its candles in the data folder, but for those of the simulated exchange: at its start that
    forgets prices which were set."""
    settings = process.settings
    if settings.series_file is not None or SIMULATED in settings.exchanges:
        return process
    kept = settings.model_copy(update={"series_file": settings.data_dir / _CANDLES})
    return replace(process, settings=kept)


def _load_watchlist(settings: Settings) -> Sequence[WatchlistEntry]:
    """Return the watchlist of the settings, else the markets requested at the start, so that they stay fresh."""
    return read_watchlist(settings) or [
        WatchlistEntry(
            exchange=settings.exchange, market_type=kind, symbols=(symbol,), timeframes=(timeframe,)
        )
        for symbol, kind, timeframe in FIRST_MARKETS
    ]


@contextmanager
def _lock_data_dir(folder: Path) -> Iterator[None]:
    """Lock the folder: two pipelines on one file would finish each other's requests. Raises ConfigurationError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                f"another `strandline up` uses {folder}/: stop it, or set STRANDLINE_DATA_DIR to another folder"
            ) from None
        yield


async def _watch_api(api: HttpServer) -> None:
    """Raise StrandlineError when the API stops listening."""
    await asyncio.wait({api.ended})
    raise StrandlineError("the API stopped listening: see its log for the reason")


async def has_pending(pipeline: Pipeline, request_ids: Collection[str]) -> bool:
    """Return whether one of these requests has not ended in the table yet."""
    return any(request.request_id in request_ids for request in await _load_queued(pipeline.engine))


async def _load_queued(engine: AsyncEngine) -> list[AnalysisRequested]:
    async with engine.connect() as connection:
        return await load_queued_requests(connection)


async def _stop_role(stop: asyncio.Event, role: asyncio.Task[None]) -> None:
    stop.set()
    await asyncio.wait({role})


def _connections(pipeline: Pipeline, cache: ResponseCache | None) -> Connections:
    return Connections(
        engine=pipeline.engine,
        publisher=pipeline.publisher,
        candles=pipeline.source,
        broker=pipeline.broker,
        settings=pipeline.settings,
        clock=SystemClock(),
        cache=cache,
    )


def _apply_defaults(settings: Settings) -> Settings:
    """Apply the embedded defaults: exchange `sim` and no other, SQLite in the data folder."""
    chosen = [settings.exchange] if "exchange" in settings.model_fields_set else []
    allowed = (
        settings.exchanges if "exchanges" in settings.model_fields_set else (*chosen, *settings.exchange_urls)
    )
    return settings.model_copy(
        update={"exchanges": tuple(allowed), "exchange": chosen[0] if chosen else SIMULATED}
    ).with_default_database()
