"""`strandline doctor` among things that are well, that are away, and that are not as they should be."""

import pytest

from broker.kafka.broker import KafkaBroker
from runtime.settings import Settings
from schemas.topics import TOPICS
from storage.migrations import upgrade
from strandline.doctor.checks import examined
from strandline.doctor.report import Finding
from tests.support.simulated import simulated

AWAY = {
    "kafka_bootstrap": "127.0.0.1:1",
    "database_url": "mysql+aiomysql://nobody:hunter2@127.0.0.1:1/none",
    "redis_url": "redis://:hunter2@127.0.0.1:1",
}


async def found(**settings: object) -> dict[str, Finding]:
    """By what they are of; with a simulated exchange, whose clock is months behind, and whatever else is set."""
    async with simulated() as exchange:
        there = exchange.settings()
        everything = Settings.load(
            exchanges=there.exchanges, exchange="sim", exchange_urls=there.exchange_urls, **settings
        )
        return {one.what: one async for one in examined(everything)}


async def test_where_nothing_is_set_nothing_is_wrong_but_the_clock() -> None:
    findings = await found()
    assert {name for name, one in findings.items() if one.state == "unused"} == {"kafka", "database", "redis"}
    assert findings["sim"].state == "good"
    assert findings["clock"].state == "bad"
    assert "ahead of sim's" in findings["clock"].said


async def test_what_is_away_is_told_with_what_to_do_and_without_secrets() -> None:
    findings = await found(**AWAY)
    for what in ("kafka", "database", "redis"):
        assert findings[what].state == "bad"
        assert findings[what].advice
        assert "hunter2" not in findings[what].said


async def test_a_database_before_and_after_its_upgrade(database_url: str) -> None:
    before = await found(database_url=database_url)
    assert (before["tables"].state, before["tables"].advice) == ("bad", "strandline db upgrade")
    await upgrade(database_url)
    after = await found(database_url=database_url)
    assert {after[what].state for what in ("database", "tables")} == {"good"}
    assert "anybody may write" in after["keys"].said
    closed = await found(database_url=database_url, writes="keys")
    assert "there is none" in closed["keys"].said


async def test_redis_and_kafka_that_answer(redis_url: str, kafka_for_roles: str) -> None:
    settings = {"redis_url": redis_url, "kafka_bootstrap": kafka_for_roles, "topic_partitions": 4}
    broker = KafkaBroker(Settings.load(**settings))
    try:
        await broker.create_topics(TOPICS, partitions=4, replication=1)
    finally:
        await broker.close()
    findings = await found(**settings)
    assert {findings[what].state for what in ("redis", "kafka", "topics")} == {"good"}


async def test_an_exchange_that_is_not_there_is_named() -> None:
    settings = Settings.load(exchanges="sim", exchange="sim", exchange_urls={"sim": "http://127.0.0.1:1"})
    findings = {one.what: one async for one in examined(settings)}
    assert findings["sim"].state == "bad"


@pytest.mark.parametrize("exchange", ["kraken"])
async def test_a_default_exchange_that_is_not_allowed_is_a_mistake(exchange: str) -> None:
    settings = Settings.load(exchanges="sim", exchange=exchange, exchange_urls={"sim": "http://127.0.0.1:1"})
    async for one in examined(settings):
        assert (one.what, one.state) == ("settings", "bad")
        break
