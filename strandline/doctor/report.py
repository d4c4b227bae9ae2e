"""Findings of `strandline doctor`: the state of one subject and what to do. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["good", "warning", "bad", "unused"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one `subject`, a `message` for the user, and `advice` where something is to be done."""

    subject: str
    state: State
    message: str
    advice: str = ""


def check_topics(found: Mapping[str, int], expected: Collection[str], partitions: int) -> Finding:
    """Check that the topics exist with enough partitions; `found` maps a topic to its partitions."""
    missing = [name for name in expected if name not in found]
    if missing:
        return Finding("topics", "bad", f"missing: {', '.join(missing)}", "strandline topics create")
    fewer = [name for name in expected if found[name] < partitions]
    if fewer:
        message = (
            f"fewer than {partitions} partitions: {', '.join(f'{name} ({found[name]})' for name in fewer)}"
        )
        return Finding(
            "topics",
            "warning",
            message,
            "leave it, or run kafka-topics.sh --alter, which moves keys",
        )
    return Finding("topics", "good", f"all {len(expected)} exist")


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
