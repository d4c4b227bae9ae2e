"""What `strandline api` is made of, in each of its processes. Importable by name, which worker processes need."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from api.app import create_app
from api.http.dependencies import Dependencies
from broker.kafka.broker import KafkaBroker
from exchanges.ccxt.source import CcxtCandleSource
from producers.requests.journal import JobJournal
from producers.requests.publisher import RequestPublisher
from producers.role_process import RoleProcess
from runtime import logging
from runtime.settings import Settings
from runtime.trace_export import export_traces
from storage.database import open_database
from storage.response_cache import open_response_cache

_LONGEST_PUBLISH = 8.0
"""Seconds: whoever waits for an answer over HTTP waits less long than a process of ours may."""


def process_settings(settings: Settings) -> Settings:
    """The settings with the publish timeout of the API."""
    timeout = min(settings.publish_timeout, _LONGEST_PUBLISH)
    return settings.model_copy(update={"publish_timeout": timeout})


def compose(process: RoleProcess, stack: AsyncExitStack) -> Dependencies:
    """Open what the API stands on, connected when first used; `stack` closes it. Call it inside the event loop."""
    settings, clock = process.settings, process.clock
    engine = open_database(settings.require_database_url())
    stack.push_async_callback(engine.dispose)
    candles = CcxtCandleSource(settings)
    stack.push_async_callback(candles.close)
    cache = open_response_cache(settings.redis_url, clock, settings.cache_seconds)
    if cache is not None:
        stack.push_async_callback(cache.close)
    journal = JobJournal(engine, required=False)
    publisher = RequestPublisher(process.broker, source="/strandline/api", clock=clock, journal=journal)
    return Dependencies(engine, publisher, candles, process.broker, settings, clock, cache)


def worker_app(settings: Settings, service_only: bool) -> FastAPI:
    """The application of one worker process, which closes what it opened when its server stops."""
    logging.configure(settings)
    stack = AsyncExitStack()
    stack.enter_context(export_traces(settings, "api"))
    settings = process_settings(settings)
    broker = KafkaBroker(settings)
    stack.push_async_callback(broker.close)
    dependencies = compose(RoleProcess(settings, broker), stack)
    return create_app(dependencies, service_only=service_only, closing=stack)
