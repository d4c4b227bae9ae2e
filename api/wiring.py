"""What `strandline api` is made of, in each of its processes. Importable by name, which worker processes need."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from api.app import create_app
from api.http.dependencies import Dependencies
from broker.kafka.broker import KafkaBroker
from exchanges.ccxt.source import CcxtCandleSource
from producers.requests.journal import JobJournal
from producers.requests.publisher import RequestPublisher
from runtime import logging
from runtime.clock import SystemClock
from runtime.settings import Settings
from runtime.trace_export import exporting
from storage.database import open_database
from storage.response_cache import opened

_LONGEST_PUBLISH = 8.0
"""Seconds: whoever waits for an answer over HTTP waits less long than a process of ours may."""


def composed(settings: Settings, stack: AsyncExitStack) -> Dependencies:
    """What the API stands on, connected when first used; `stack` closes it. Call it inside the event loop."""
    settings = settings.model_copy(
        update={"publish_timeout": min(settings.publish_timeout, _LONGEST_PUBLISH)}
    )
    clock = SystemClock()
    engine = open_database(settings.required_database_url())
    stack.push_async_callback(engine.dispose)
    broker = KafkaBroker(settings)
    stack.push_async_callback(broker.close)
    candles = CcxtCandleSource(settings)
    stack.push_async_callback(candles.close)
    cache = opened(settings.redis_url, clock, settings.cache_seconds)
    if cache is not None:
        stack.push_async_callback(cache.close)
    journal = JobJournal(engine, required=False)
    publisher = RequestPublisher(broker, source="/strandline/api", clock=clock, journal=journal)
    return Dependencies(engine, publisher, candles, broker, settings, clock, cache)


def worker_app(settings: Settings, service_only: bool) -> FastAPI:
    """The application of one worker process, which closes what it opened when its server stops."""
    logging.configure(settings)
    stack = AsyncExitStack()
    stack.enter_context(exporting(settings, "api"))
    return create_app(composed(settings, stack), service_only=service_only, closing=stack)
