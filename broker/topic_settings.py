"""Compares topics as they are with topics as they should be. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class TopicDescription:
    """A topic of the cluster; `config` has Kafka's own names, defaults included."""

    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicProblem:
    """A difference that matters, and the command that removes it."""

    topic: str
    message: str
    advice: str


def find_topic_problems(topic: Topic, described: TopicDescription, partitions: int) -> list[TopicProblem]:
    """Return how `described` differs from `topic` with at least `partitions`."""
    problems = []
    if described.partitions < partitions:
        problems.append(
            TopicProblem(
                topic.name,
                f"{described.partitions} partitions, fewer than {partitions}",
                "leave it, or stop the roles and run kafka-topics.sh --alter "
                f"--topic {topic.name} --partitions {partitions}: keys move to other partitions",
            )
        )
    if different := {
        name: value
        for name, value in topic.config.items()
        if not _is_equal(described.config.get(name), value)
    }:
        actual = ", ".join(
            f"{name} is {described.config.get(name)}, not {value}" for name, value in different.items()
        )
        wanted = ",".join(f"{name}={value}" for name, value in different.items())
        problems.append(
            TopicProblem(
                topic.name,
                actual,
                f"kafka-configs.sh --alter --entity-type topics --entity-name {topic.name} --add-config {wanted}",
            )
        )
    return problems


def _is_equal(actual: str | None, configured: str) -> bool:
    """Compare values; the policies of `cleanup.policy` are a list in any order."""
    return actual is not None and set(actual.replace(" ", "").split(",")) == set(configured.split(","))
