"""One examination for each thing that a role speaks to; each within a bound, and none of them changes anything."""

import asyncio
from collections.abc import AsyncIterator

from redis.exceptions import RedisError

from broker.kafka.broker import KafkaBroker
from exchanges.ccxt.source import CcxtCandleSource
from runtime.best_effort_redis import PatientRedis
from runtime.clock import SystemClock
from runtime.errors import ConfigurationError, Permanent, StrandlineError, Transient
from runtime.settings import Settings
from schemas.topics import TOPICS
from schemas.values import to_ms
from storage.api_key_format import ApiKey
from storage.api_keys import every
from storage.database import open_database
from storage.database_errors import translated
from storage.migrations import newest, reached
from strandline.doctor.report import Finding, of_clock, of_topics, of_version

_PATIENCE = 10.0
"""Seconds for each; an exchange may take as long as its own settings say."""


async def examined(settings: Settings) -> AsyncIterator[Finding]:
    """What was found out, in the order of the house: settings, broker, database, cache, exchanges, clock."""
    yield _settings(settings)
    async for finding in _kafka(settings):
        yield finding
    async for finding in _database(settings):
        yield finding
    yield await _redis(settings)
    async for finding in _exchanges(settings):
        yield finding


def _settings(settings: Settings) -> Finding:
    if settings.exchange not in settings.exchanges:
        allowed = ", ".join(settings.exchanges)
        said = f"the default exchange {settings.exchange} is none of {allowed}"
        return Finding("settings", "bad", said, "mend STRANDLINE_EXCHANGE or STRANDLINE_EXCHANGES")
    named = sorted(name for name in settings.model_fields_set if name in type(settings).model_fields)
    return Finding("settings", "good", f"read; set: {', '.join(named) or 'none, all are the defaults'}")


async def _kafka(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.kafka_bootstrap:
        yield Finding("kafka", "unused", "STRANDLINE_KAFKA_BOOTSTRAP is not set: only `strandline up` works")
        return
    try:
        broker = KafkaBroker(settings)
    except (ConfigurationError, OSError) as error:
        yield Finding("kafka", "bad", str(error), "mend the STRANDLINE_KAFKA_* settings")
        return
    try:
        found = await broker.partitions(timeout=_PATIENCE)
    except Transient as error:
        advice = (
            "is STRANDLINE_KAFKA_BOOTSTRAP right, may one connect from here, and do the other KAFKA_* fit?"
        )
        yield Finding("kafka", "bad", str(error), advice)
        return
    finally:
        await broker.close()
    yield Finding("kafka", "good", f"answers at {settings.kafka_bootstrap}")
    yield of_topics(found, [topic.name for topic in TOPICS], settings.topic_partitions)


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    if settings.database_url is None:
        yield Finding("database", "unused", "STRANDLINE_DATABASE_URL is not set: `strandline up` uses SQLite")
        return
    try:
        engine = open_database(settings.required_database_url(), connect_timeout=_PATIENCE)
    except ConfigurationError as error:
        yield Finding("database", "bad", str(error), "mend the STRANDLINE_DATABASE_* settings")
        return
    try:
        async with asyncio.timeout(_PATIENCE):
            found = of_version(await reached(engine), newest())
            yield Finding("database", "good", f"answers at {engine.url.host or engine.url.database}")
            yield found
            if found.state == "good":
                async with engine.connect() as connection:
                    with translated():
                        yield _keys(settings, list((await every(connection)).values()))
    except (Transient, ConfigurationError, TimeoutError) as error:
        advice = "is STRANDLINE_DATABASE_URL right, and may one connect from here?"
        yield Finding("database", "bad", str(error) or f"no answer within {_PATIENCE:g} s", advice)
    finally:
        await engine.dispose()


def _keys(settings: Settings, keys: list[ApiKey]) -> Finding:
    valid = sum(key.valid(SystemClock().now()) for key in keys) + len(settings.api_keys)
    closed = settings.writes == "keys" or (settings.writes == "auto" and (keys or settings.api_keys))
    if closed and not valid:
        return Finding(
            "keys", "warning", "writes take a key, and there is none", "strandline keys create NAME"
        )
    if not closed:
        return Finding("keys", "warning", "anybody may write over HTTP", "strandline keys create NAME")
    return Finding("keys", "good", f"writes take one of {valid}")


async def _redis(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return Finding("redis", "unused", "STRANDLINE_REDIS_URL is not set: each process keeps to itself")
    try:
        redis = PatientRedis.at(settings.redis_url.get_secret_value(), SystemClock())
    except ConfigurationError as error:
        return Finding("redis", "bad", str(error), "mend STRANDLINE_REDIS_URL")
    try:
        async with asyncio.timeout(_PATIENCE):
            about = await redis.client.info("memory")
    except (RedisError, OSError) as error:
        said = f"{type(error).__name__}: {error}".rstrip(": ")
        return Finding("redis", "bad", said, "all works without it, slower; is STRANDLINE_REDIS_URL right?")
    finally:
        await redis.close()
    policy = about.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        said = f"answers, but may forget what tells old answers from new ones (maxmemory-policy {policy})"
        return Finding("redis", "warning", said, "maxmemory-policy noeviction")
    return Finding("redis", "good", "answers")


async def _exchanges(settings: Settings) -> AsyncIterator[Finding]:
    async with CcxtCandleSource(settings) as source:
        for exchange in settings.exchanges:
            try:
                offered = await source.tradables(exchange)
            except Permanent as error:
                yield Finding(exchange, "bad", str(error), "mend STRANDLINE_EXCHANGES or _EXCHANGE_URLS")
            except StrandlineError as error:
                yield Finding(exchange, "bad", str(error), "may one connect from here, and is it up?")
            else:
                yield Finding(exchange, "good", f"answers, with {len(offered)} markets")
                if (skew := await _skew(source, exchange)) is not None:
                    yield of_clock(skew, exchange)


async def _skew(source: CcxtCandleSource, exchange: str) -> float | None:
    """How far our clock is ahead, in seconds; None where the exchange does not say."""
    try:
        theirs = await source.time(exchange)
    except StrandlineError:
        return None
    return None if theirs is None else (to_ms(SystemClock().now()) - theirs) / 1_000
