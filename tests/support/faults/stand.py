"""The environment of a round: a broker, a database, a simulated exchange and the roles."""

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.kafka.broker import KafkaBroker
from broker.memory.broker import MemoryBroker
from broker.ports import Broker
from consumers.analyzer.__main__ import run as run_analyzer
from consumers.sink.__main__ import run as run_sink
from producers.role_process import RoleProcess
from runtime.clock import Clock
from runtime.settings import Settings
from simulator import SimulatorOptions
from simulator.listings import SYNTHETIC
from tests.support.containers import find_free_port
from tests.support.faults.breakable import Owned
from tests.support.faults.crew import ProcessWorker, Role, RoleGroup, RoleWorker, TaskWorker
from tests.support.faults.offsets import KafkaOffsets, MemoryOffsets, Offsets
from tests.support.fires import SECRET, Receiver, receiver
from tests.support.kafka_cluster import BROKERS
from tests.support.pipeline import Pipeline, open_pipeline
from tests.support.simulated import Simulated, simulated

SESSION_SECONDS = 6.0
SCHEDULED = tuple(listing.symbol for listing in SYNTHETIC[:24])
"""The symbols on the watchlist, each with candles of a minute."""
SCHEDULE_DELAY, SCHEDULE_SPREAD = 1.0, 14.0
_API_SECONDS = 20.0  # longer than any of its own timeouts
_ROLE_SETTINGS = {
    "watchlist": tuple(f"binance:spot:{symbol}:1m" for symbol in SCHEDULED),
    "schedule_delay": SCHEDULE_DELAY,
    "schedule_spread": SCHEDULE_SPREAD,
    "canary": "off",
    "webhook_secret": SECRET,
    "webhook_private": True,
}
"""Of the roles besides analyzers, sinks and the API."""
_SETTINGS: dict[str, object] = {
    "exchanges": ("binance",),
    "topic_partitions": 6,
    "session_timeout": SESSION_SECONDS,
    "publish_timeout": 5.0,
    "exchange_timeout": 5.0,
    "drain_timeout": 5.0,
    "replicas": 4,
    "rate_limit": 0,
    "rate_limit_writes": 0,  # all requests come from one address
}
_NO_OVERRIDES: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class FaultEnvironment:
    """`owned` may be broken; `logs` has a file for each process, which runs in `environ`.

    `api` is a client of the address at which an API would listen, `receiver` the webhook of notifiers.
    """

    settings: Settings
    broker: Broker
    engine: AsyncEngine
    exchange: Simulated
    crew: RoleGroup
    offsets: Offsets
    logs: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    owned: Owned = field(default_factory=Owned)
    api: httpx.AsyncClient | None = None
    pipeline: Pipeline | None = None
    receiver: Receiver = field(default_factory=Receiver)


@asynccontextmanager
async def start_on_kafka(
    bootstrap: str,
    database_url: str,
    logs: Path,
    *,
    owned: Owned | None = None,
    bans_past: int | None = None,
    overrides: Mapping[str, object] = _NO_OVERRIDES,
) -> AsyncIterator[FaultEnvironment]:
    """Run roles as processes, with the Redis and the wall clock in `owned`; `overrides` are of settings."""
    owned = owned or Owned()
    owned.flush_redis()
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(simulated(SimulatorOptions(weight_limit=bans_past)))
        places = {"kafka_bootstrap": bootstrap, "database_url": database_url}
        replication = BROKERS if owned.cluster else 1
        settings = _settings(exchange, **places, topic_replication=replication, **overrides)
        pipeline = await stack.enter_async_context(open_pipeline(settings))
        assert isinstance(pipeline.broker, KafkaBroker)
        port = find_free_port()
        received = await stack.enter_async_context(receiver())
        environ = _to_environ(settings, owned, port, received.url, overrides) | _shared_bytecode(logs.parent)
        api = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=_API_SECONDS)
        await stack.enter_async_context(api)
        numbers = itertools.count(1)

        async def begin(role: Role) -> RoleWorker:
            return await ProcessWorker.start(role, environ, logs / f"{role}-{next(numbers)}.log")

        crew = RoleGroup(begin)
        stack.push_async_callback(crew.end)
        offsets = KafkaOffsets(bootstrap)
        yield FaultEnvironment(
            *(settings, pipeline.broker, pipeline.engine, exchange, crew, offsets, logs),
            environ=environ,
            owned=owned,
            api=api,
            pipeline=pipeline,
            receiver=received,
        )


@asynccontextmanager
async def start_embedded(
    logs: Path,
    *,
    overrides: Mapping[str, object] = _NO_OVERRIDES,
    exchange: SimulatorOptions = SimulatorOptions(),  # noqa: B008 - frozen
    clock: Clock | None = None,
) -> AsyncIterator[FaultEnvironment]:
    """Run `strandline up`, the role `up`, as a process. The broker of the environment is not its own.

    `exchange`, `clock`: of the simulated exchange.
    """
    folder = logs / "data"
    folder.mkdir()
    url = f"sqlite+aiosqlite:///{folder}/strandline.db"
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(simulated(exchange, clock))
        received = await stack.enter_async_context(receiver())
        pipeline = await stack.enter_async_context(
            open_pipeline(_settings(simulator, database_url=url, **overrides))
        )
        port = find_free_port()
        environ = _write_settings(
            {
                **_ROLE_SETTINGS,
                **overrides,
                "rate_limit": 0,
                "rate_limit_writes": 0,
                "watchlist": (),
                "data_dir": folder,
                "database_url": url,
                "exchange_urls": json.dumps({"sim": simulator.url}),
                "http_port": port,
                "ops_port": find_free_port(),
                "log_format": "json",
                "webhook_urls": (received.url,),
            }
        ) | _shared_bytecode(logs.parent)
        api = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=_API_SECONDS)
        await stack.enter_async_context(api)
        numbers = itertools.count(1)

        async def begin(role: Role) -> RoleWorker:
            log = logs / f"{role}-{next(numbers)}.log"
            return await ProcessWorker.start(role, environ, log, ("strandline", "up"))

        crew = RoleGroup(begin)
        stack.push_async_callback(crew.end)
        assert isinstance(pipeline.broker, MemoryBroker)
        offsets = MemoryOffsets(pipeline.broker)
        yield FaultEnvironment(
            *(pipeline.settings, pipeline.broker, pipeline.engine, simulator, crew, offsets, logs),
            environ=environ,
            api=api,
            pipeline=pipeline,
            receiver=received,
        )


@asynccontextmanager
async def start_in_process(database_url: str, logs: Path) -> AsyncIterator[FaultEnvironment]:
    """Run roles as tasks on the in-process broker."""
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(simulated(SimulatorOptions()))
        settings = _settings(exchange, database_url=database_url)
        pipeline = await stack.enter_async_context(open_pipeline(settings))
        assert isinstance(pipeline.broker, MemoryBroker)

        async def begin(role: Role) -> RoleWorker:
            return TaskWorker(role, lambda stop: _run_role(pipeline, role, stop))

        crew = RoleGroup(begin)
        stack.push_async_callback(crew.end)
        offsets = MemoryOffsets(pipeline.broker)
        yield FaultEnvironment(settings, pipeline.broker, pipeline.engine, exchange, crew, offsets, logs)


def _settings(exchange: Simulated, **more: object) -> Settings:
    return Settings.load(exchange_urls={"binance": exchange.url}, **(_SETTINGS | more))


def _to_environ(
    settings: Settings, owned: Owned, port: int, webhook: str, overrides: Mapping[str, object]
) -> dict[str, str]:
    """Return the settings of a role process as environment variables."""
    values = {name: getattr(settings, name) for name in (*_SETTINGS, *overrides)} | _ROLE_SETTINGS
    written = _write_settings(values | {"webhook_urls": (webhook,)})
    redis = {"STRANDLINE_REDIS_URL": owned.redis.address} if owned.redis else {}
    clock = owned.wall.environ if owned.wall else {}
    environ = {
        **written,
        **redis,
        **clock,
        "STRANDLINE_KAFKA_BOOTSTRAP": settings.require_kafka_bootstrap(),
        "STRANDLINE_DATABASE_URL": settings.require_database_url(),
        "STRANDLINE_EXCHANGE_URLS": json.dumps({n: str(url) for n, url in settings.exchange_urls.items()}),
        "STRANDLINE_LOG_FORMAT": "json",
        "STRANDLINE_HTTP_PORT": str(port),
    }
    return owned.names.to_names(environ) if owned.names else environ


def _write_settings(values: Mapping[str, object]) -> dict[str, str]:
    return {f"STRANDLINE_{name.upper()}": _to_text(value) for name, value in values.items()}


def _shared_bytecode(folder: Path) -> dict[str, str]:
    """If bytecode is not kept, share it among the processes of this run: each would compile ccxt for seconds."""
    if not sys.dont_write_bytecode:
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _to_text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


async def _run_role(pipeline: Pipeline, role: Role, stop: asyncio.Event) -> None:
    if role == "analyzer":
        await run_analyzer(RoleProcess(pipeline.settings, pipeline.broker, stop), pipeline.source)
    else:
        await run_sink(RoleProcess(pipeline.settings, pipeline.broker, stop), pipeline.engine)
