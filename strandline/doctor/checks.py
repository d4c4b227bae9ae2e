"""Check each service that a role uses, each with a timeout.

No check changes anything, except for a key in Redis that expires after a second.
"""

import asyncio
from collections.abc import AsyncIterator

from redis.exceptions import RedisError, ResponseError

from broker.kafka.broker import KafkaBroker
from broker.prefix import add_prefix
from exchanges.ccxt.source import CcxtCandleSource
from runtime.best_effort_redis import BestEffortRedis
from runtime.clock import SystemClock
from runtime.errors import ConfigurationError, StrandlineError, Transient
from runtime.serving import build_url
from runtime.settings import Settings
from schemas.topics import TOPICS
from storage.api_key_format import ApiKey
from storage.api_keys import load_all
from storage.database import open_database
from storage.database_errors import translate_errors
from storage.migrations import current_revision, latest_revision
from strandline.api_client import ApiClient, ApiError
from strandline.doctor.exchange_findings import check_exchange_clock, check_exchange_error
from strandline.doctor.report import (
    Finding,
    check_health,
    check_topics,
    check_version,
    is_embedded,
    soften_for_up,
)

_CHECK_TIMEOUT = 10.0
"""Seconds per check; an exchange has the timeout of its own settings."""


async def run_checks(settings: Settings) -> AsyncIterator[Finding]:
    """Yield the findings: settings, broker, database, cache, exchanges, clock."""
    yield _check_settings(settings)
    async for finding in _check_kafka(settings):
        yield finding
    async for finding in _check_database(settings):
        yield finding
    yield await _check_redis(settings)
    async for finding in _check_api(settings):
        yield finding
    async for finding in _check_exchanges(settings):
        yield soften_for_up(finding) if is_embedded(settings) else finding


def _check_settings(settings: Settings) -> Finding:
    if settings.exchange not in settings.exchanges:
        allowed = ", ".join(settings.exchanges)
        message = f"the default exchange {settings.exchange} is not among {allowed}"
        return Finding("settings", "bad", message, "correct STRANDLINE_EXCHANGE or STRANDLINE_EXCHANGES")
    named = sorted(name for name in settings.model_fields_set if name in type(settings).model_fields)
    return Finding("settings", "good", f"read; set: {', '.join(named) or 'none, all are the defaults'}")


async def _check_kafka(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.kafka_bootstrap:
        yield Finding("kafka", "unused", "STRANDLINE_KAFKA_BOOTSTRAP is not set: only `strandline up` works")
        return
    topics = add_prefix(TOPICS, settings.topic_prefix)
    try:
        broker = KafkaBroker(settings)
    except (ConfigurationError, OSError) as error:
        yield Finding("kafka", "bad", str(error), "correct the STRANDLINE_KAFKA_* settings")
        return
    try:
        found = await broker.describe_topics([topic.name for topic in topics], timeout=_CHECK_TIMEOUT)
    except Transient as error:
        advice = "check STRANDLINE_KAFKA_BOOTSTRAP, the network, and the other STRANDLINE_KAFKA_* settings"
        yield Finding("kafka", "bad", str(error), advice)
        return
    finally:
        await broker.close()
    yield Finding("kafka", "good", f"answers at {settings.kafka_bootstrap}")
    for finding in check_topics(found, topics, settings.topic_partitions):
        yield finding


async def _check_database(settings: Settings) -> AsyncIterator[Finding]:
    if settings.database_url is None:
        yield Finding("database", "unused", "STRANDLINE_DATABASE_URL is not set: `strandline up` uses SQLite")
        return
    try:
        engine = open_database(settings.require_database_url(), connect_timeout=_CHECK_TIMEOUT)
    except ConfigurationError as error:
        yield Finding("database", "bad", str(error), "correct the STRANDLINE_DATABASE_* settings")
        return
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT):
            found = check_version(await current_revision(engine), latest_revision())
            yield Finding("database", "good", f"answers at {engine.url.host or engine.url.database}")
            yield found
            if found.state == "good":
                async with engine.connect() as connection:
                    with translate_errors():
                        yield _check_keys(settings, list((await load_all(connection)).values()))
    except (Transient, ConfigurationError, TimeoutError) as error:
        advice = "check STRANDLINE_DATABASE_URL and the network"
        yield Finding("database", "bad", str(error) or f"no answer within {_CHECK_TIMEOUT:g} s", advice)
    finally:
        await engine.dispose()


def _check_keys(settings: Settings, keys: list[ApiKey]) -> Finding:
    valid = sum(key.is_valid(SystemClock().now()) for key in keys) + len(settings.api_keys)
    closed = settings.writes == "keys" or (settings.writes == "auto" and (keys or settings.api_keys))
    if closed and not valid:
        return Finding(
            "keys", "warning", "writes need a key, and no key exists", "strandline keys create NAME"
        )
    if not closed:
        return Finding("keys", "warning", "writes over HTTP need no key", "strandline keys create NAME")
    return Finding("keys", "good", f"writes need one of {valid} keys")


async def _check_redis(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return Finding(
            "redis", "unused", "STRANDLINE_REDIS_URL is not set: each process has a cache of its own"
        )
    try:
        redis = BestEffortRedis.from_url(settings.redis_url.get_secret_value(), SystemClock())
    except ConfigurationError as error:
        return Finding("redis", "bad", str(error), "correct STRANDLINE_REDIS_URL")
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT):
            info = await redis.client.info("memory")
            await redis.client.set("strandline:doctor", 1, px=1_000)
    except ResponseError as error:
        advice = (
            "look at its memory, disk and replication; until then the database answers, and budgets are split"
        )
        return Finding("redis", "warning", f"refuses writes: {error}", advice)
    except (RedisError, OSError) as error:
        message = f"{type(error).__name__}: {error}".rstrip(": ")
        return Finding("redis", "bad", message, "check STRANDLINE_REDIS_URL; without Redis all works, slower")
    finally:
        await redis.close()
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        message = f"answers, but maxmemory-policy {policy} may evict the versions of cached answers"
        return Finding("redis", "warning", message, "set maxmemory-policy noeviction")
    return Finding("redis", "good", "answers")


async def _check_api(settings: Settings) -> AsyncIterator[Finding]:
    """Ask the API of an `up`, or of this installation, how it is; nothing where none runs."""
    url = build_url(settings.http_host, settings.http_port)
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT):
            async with ApiClient.from_settings(settings, None) as client:
                health = await client.json("GET", "/health")
    except (ApiError, TimeoutError):
        return
    yield check_health(url, health)


async def _check_exchanges(settings: Settings) -> AsyncIterator[Finding]:
    async with CcxtCandleSource(settings) as source:
        for exchange in settings.exchanges:
            try:
                offered = await source.tradables(exchange)
                reading = await source.read_clock(exchange)
            except StrandlineError as error:
                yield check_exchange_error(exchange, error)
            else:
                yield Finding(exchange, "good", f"answers, with {len(offered)} markets")
                yield check_exchange_clock(exchange, reading.exchange, reading.header, reading.local)
