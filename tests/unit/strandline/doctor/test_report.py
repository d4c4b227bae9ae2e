"""What the doctor concludes from topics and tables."""

import pytest

from broker.topic_settings import TopicDescription
from runtime.settings import Settings
from schemas.topics import FAILURES, RESULTS
from strandline.doctor.report import (
    Finding,
    check_health,
    check_topics,
    check_version,
    is_embedded,
    soften_for_up,
)


def test_check_topics_accepts_topics_with_their_settings() -> None:
    found = {topic.name: TopicDescription(12, topic.config) for topic in (RESULTS, FAILURES)}
    (finding,) = check_topics(found, (RESULTS, FAILURES), 12)
    assert (finding.state, finding.advice) == ("good", "")


def test_check_topics_names_missing_topics() -> None:
    (finding,) = check_topics({RESULTS.name: TopicDescription(12, RESULTS.config)}, (RESULTS, FAILURES), 12)
    assert (finding.state, finding.advice) == ("bad", "strandline topics create")
    assert FAILURES.name in finding.message


def test_check_topics_names_each_setting_that_differs_and_the_command() -> None:
    created_automatically = TopicDescription(1, {"cleanup.policy": "delete", "segment.ms": "604800000"})
    partitions, settings = check_topics({RESULTS.name: created_automatically}, (RESULTS,), 12)
    assert (partitions.state, settings.state) == ("warning", "warning")
    assert "1 partitions, fewer than 12" in partitions.message
    assert "cleanup.policy is delete, not compact" in settings.message
    assert (
        "--add-config cleanup.policy=compact,min.compaction.lag.ms=604800000,segment.ms=3600000"
        in settings.advice
    )


@pytest.mark.parametrize(
    ("found", "state", "advice"),
    [
        ("0005", "good", ""),
        (None, "bad", "strandline db upgrade"),
        ("0004", "bad", "strandline db upgrade"),
        ("0006", "bad", "run a newer Strandline"),
    ],
)
def test_check_version_compares_revisions(found: str | None, state: str, advice: str) -> None:
    finding = check_version(found, "0005")
    assert (finding.state, finding.advice) == (state, advice)


def test_exchange_that_up_does_not_call_is_a_warning_at_most() -> None:
    assert is_embedded(Settings())
    assert not is_embedded(Settings(kafka_bootstrap="kafka:9092"))
    assert not is_embedded(Settings(exchanges=("binance",)))
    softened = soften_for_up(Finding("binance", "bad", "unreachable", "check the network"))
    assert (softened.state, softened.advice) == ("warning", "check the network")
    assert soften_for_up(Finding("binance", "good", "answers")).state == "good"


@pytest.mark.parametrize(("broker", "state"), [(True, "good"), (False, "bad")])
def test_check_health_follows_the_services_of_the_api(broker: bool, state: str) -> None:
    finding = check_health("http://x", {"database": True, "broker": broker, "version": "1"})
    assert finding.state == state
