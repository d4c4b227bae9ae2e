"""`strandline doctor` with services that work, that are unreachable, and that are misconfigured."""

import pytest
from redis.asyncio import Redis

from broker.kafka.broker import KafkaBroker
from runtime.settings import Settings
from schemas.topics import TOPICS
from storage.migrations import upgrade
from strandline.doctor.checks import run_checks
from strandline.doctor.report import Finding
from tests.support.refusing_redis import REFUSALS, Refusal
from tests.support.simulated import simulated

AWAY = {
    "kafka_bootstrap": "127.0.0.1:1",
    "database_url": "mysql+aiomysql://nobody:hunter2@127.0.0.1:1/none",
    "redis_url": "redis://:hunter2@127.0.0.1:1",
}


async def found(**settings: object) -> dict[str, Finding]:
    """Findings by subject, with a simulated exchange whose clock is months behind."""
    async with simulated() as exchange:
        there = exchange.settings()
        everything = Settings.load(
            exchanges=there.exchanges, exchange="sim", exchange_urls=there.exchange_urls, **settings
        )
        return {one.subject: one async for one in run_checks(everything)}


async def test_doctor_without_settings_finds_only_the_clock_bad() -> None:
    findings = await found()
    assert {name for name, one in findings.items() if one.state == "unused"} == {"kafka", "database", "redis"}
    assert findings["sim"].state == "good"
    assert findings["clock"].state == "bad"
    assert "ahead of sim's" in findings["clock"].message


async def test_doctor_reports_unreachable_services_without_secrets() -> None:
    findings = await found(**AWAY)
    for what in ("kafka", "database", "redis"):
        assert findings[what].state == "bad"
        assert findings[what].advice
        assert "hunter2" not in findings[what].message


async def test_doctor_checks_a_database_before_and_after_its_upgrade(database_url: str) -> None:
    before = await found(database_url=database_url)
    assert (before["tables"].state, before["tables"].advice) == ("bad", "strandline db upgrade")
    await upgrade(database_url)
    after = await found(database_url=database_url)
    assert {after[what].state for what in ("database", "tables")} == {"good"}
    assert "writes over HTTP need no key" in after["keys"].message
    closed = await found(database_url=database_url, writes="keys")
    assert "no key exists" in closed["keys"].message


async def test_doctor_finds_redis_and_kafka_good(redis_url: str, kafka_for_roles: str) -> None:
    settings = {"redis_url": redis_url, "kafka_bootstrap": kafka_for_roles, "topic_partitions": 4}
    broker = KafkaBroker(Settings.load(**settings))
    try:
        await broker.create_topics(TOPICS, partitions=4, replication=1)
    finally:
        await broker.close()
    findings = await found(**settings)
    assert {findings[what].state for what in ("redis", "kafka", "topics")} == {"good"}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_doctor_finds_a_redis_that_refuses_writes(redis_url: str, refusal: Refusal) -> None:
    async with Redis.from_url(redis_url) as redis, refusal(redis):
        finding = (await found(redis_url=redis_url))["redis"]
    assert finding.state == "warning"
    assert "refuses writes" in finding.message


async def test_doctor_names_an_unreachable_exchange() -> None:
    settings = Settings.load(exchanges="sim", exchange="sim", exchange_urls={"sim": "http://127.0.0.1:1"})
    findings = {one.subject: one async for one in run_checks(settings)}
    assert findings["sim"].state == "bad"


@pytest.mark.parametrize("exchange", ["kraken"])
async def test_doctor_refuses_a_default_exchange_that_is_not_allowed(exchange: str) -> None:
    settings = Settings.load(exchanges="sim", exchange=exchange, exchange_urls={"sim": "http://127.0.0.1:1"})
    async for one in run_checks(settings):
        assert (one.subject, one.state) == ("settings", "bad")
        break
