"""What `strandline api` is made of, in each of its processes. Importable by name, which worker processes need."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from api.app import create_app
from api.dependencies import Dependencies
from producers.journal import JobJournal
from producers.requests import RequestPublisher
from runtime import logging
from runtime.broker.kafka import KafkaBroker
from runtime.cache import opened
from runtime.clock import SystemClock
from runtime.database import open_database
from runtime.markets.ccxt_source import CcxtCandleSource
from runtime.settings import Settings
from runtime.trace_export import exporting

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
