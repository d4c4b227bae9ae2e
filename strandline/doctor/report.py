"""Findings of `strandline doctor`: the state of one subject and what to do. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from broker.topic_settings import TopicDescription, find_topic_problems
from runtime.settings import Settings
from schemas.topics import Topic

State = Literal["good", "warning", "bad", "unused"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one `subject`, a `message` for the user, and `advice` where something is to be done."""

    subject: str
    state: State
    message: str
    advice: str = ""


def check_topics(
    found: Mapping[str, TopicDescription], expected: Sequence[Topic], partitions: int
) -> Iterator[Finding]:
    """Check that the topics exist, with enough partitions and their own retention and cleanup policy."""
    missing = [topic.name for topic in expected if topic.name not in found]
    if missing:
        yield Finding("topics", "bad", f"missing: {', '.join(missing)}", "strandline topics create")
        return
    problems = [
        problem for topic in expected for problem in find_topic_problems(topic, found[topic.name], partitions)
    ]
    for problem in problems:
        yield Finding(problem.topic, "warning", problem.message, problem.advice)
    if not problems:
        yield Finding("topics", "good", f"all {len(expected)} exist, with their settings")


def check_version(found: str | None, newest: str) -> Finding:
    """Check the revision that the database is at; None where it has none of our tables."""
    if found == newest:
        return Finding("tables", "good", f"at version {found}")
    if found is None:
        return Finding("tables", "bad", "the database has none of our tables", "strandline db upgrade")
    if found < newest:
        return Finding(
            "tables", "bad", f"at version {found}, version {newest} is needed", "strandline db upgrade"
        )
    return Finding(
        "tables", "bad", f"at version {found}, which is newer than {newest}", "run a newer Strandline"
    )


def check_health(url: str, health: Mapping[str, Any]) -> Finding:
    """Check what the `/health` of an API answered."""
    away = [name for name in ("database", "broker") if not health.get(name)]
    if away:
        return Finding("api", "bad", f"answers at {url}, without its {' and '.join(away)}", "see its log")
    return Finding("api", "good", f"answers at {url}, version {health.get('version')}")


def is_embedded(settings: Settings) -> bool:
    """Return whether only `up` runs here: without Kafka and with no exchange chosen, it simulates one."""
    return not settings.kafka_bootstrap and not {"exchange", "exchanges"} & settings.model_fields_set


def soften_for_up(finding: Finding) -> Finding:
    """Make a warning of a bad finding about an exchange, which `up` does not call."""
    if finding.state != "bad":
        return finding
    return replace(finding, state="warning", message=f"{finding.message} (`up` does not need it)")
