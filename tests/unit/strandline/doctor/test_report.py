"""What the doctor concludes from topics and tables."""

import pytest

from broker.topic_settings import TopicDescription
from schemas.topics import FAILURES, RESULTS
from strandline.doctor.report import check_topics, check_version


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
