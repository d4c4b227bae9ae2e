"""Opens the connections of `strandline api`. Worker processes import it by name."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from api.app import create_app
from api.connections import Connections
from broker.kafka.connect import connect_kafka
from exchanges.ccxt.source import CcxtCandleSource
from producers.requests.journal import JobJournal
from producers.requests.publisher import RequestPublisher
from producers.role_process import RoleProcess
from runtime import logging
from runtime.settings import Settings
from runtime.trace_export import export_traces
from storage.database import open_database
from storage.response_cache import open_response_cache

_PUBLISH_TIMEOUT = 8.0
"""Seconds: HTTP callers wait less long than other processes do."""


def process_settings(settings: Settings) -> Settings:
    """Return the settings with the publish timeout of the API."""
    timeout = min(settings.publish_timeout, _PUBLISH_TIMEOUT)
    return settings.model_copy(update={"publish_timeout": timeout})


def open_connections(process: RoleProcess, stack: AsyncExitStack) -> Connections:
    """Open the connections, which connect at their first use; `stack` closes them. Call it inside the event loop."""
    settings, clock = process.settings, process.clock
    engine = open_database(settings.require_database_url())
    stack.push_async_callback(engine.dispose)
    reader = open_database(settings.require_database_url(), only_reads=True)
    stack.push_async_callback(reader.dispose)
    candles = CcxtCandleSource(settings)
    stack.push_async_callback(candles.close)
    cache = open_response_cache(settings.redis_url, clock, settings.cache_seconds)
    if cache is not None:
        stack.push_async_callback(cache.close)
    journal = JobJournal(engine, required=False)
    publisher = RequestPublisher(process.broker, source="/strandline/api", clock=clock, journal=journal)
    return Connections(
        engine=engine,
        publisher=publisher,
        candles=candles,
        broker=process.broker,
        settings=settings,
        clock=clock,
        cache=cache,
        only_reads=reader,
    )


def create_worker_app(settings: Settings, service_only: bool) -> FastAPI:
    """Build the application of one worker process; it closes its connections when its server stops."""
    logging.configure(settings)
    stack = AsyncExitStack()
    stack.enter_context(export_traces(settings, "api"))
    settings = process_settings(settings)
    broker = connect_kafka(settings)
    stack.push_async_callback(broker.close)
    connections = open_connections(RoleProcess(settings, broker), stack)
    return create_app(connections, service_only=service_only, load_early=True, on_shutdown=stack)
