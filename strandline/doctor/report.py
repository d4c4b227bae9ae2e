"""What was found out about one thing, and what it means. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["good", "warning", "bad", "unused"]

SMALL_SKEW = 2.0
LARGE_SKEW = 10.0
"""Seconds between our clock and an exchange's: beyond the first a request may come before its candle has closed;
beyond the second expiry and freshness are wrong as well."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is a word or two; `advice` says what to do, where there is something to do."""

    what: str
    state: State
    said: str
    advice: str = ""


def of_topics(found: Mapping[str, int], wanted: Collection[str], partitions: int) -> Finding:
    """`found`: partitions by topic."""
    missing = [name for name in wanted if name not in found]
    if missing:
        return Finding("topics", "bad", f"missing: {', '.join(missing)}", "strandline topics create")
    fewer = [name for name in wanted if found[name] < partitions]
    if fewer:
        said = f"fewer than {partitions} partitions: {', '.join(f'{name} ({found[name]})' for name in fewer)}"
        return Finding(
            "topics", "warning", said, "nothing, or kafka-topics.sh --alter, knowing that keys move"
        )
    return Finding("topics", "good", f"all {len(wanted)} are there")


def of_version(found: str | None, newest: str) -> Finding:
    """`found`: the revision that the database is at; None where it has none of our tables."""
    if found == newest:
        return Finding("tables", "good", f"at version {found}")
    if found is None:
        return Finding("tables", "bad", "there are none of ours", "strandline db upgrade")
    if found < newest:
        return Finding("tables", "bad", f"at version {found}, needed is {newest}", "strandline db upgrade")
    return Finding(
        "tables", "bad", f"at version {found}, which is newer than {newest}", "run a newer Strandline"
    )


def of_clock(skew: float, exchange: str) -> Finding:
    """`skew`: how far our clock is ahead of the exchange's, in seconds."""
    said = f"{abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} {exchange}'s"
    if abs(skew) <= SMALL_SKEW:
        return Finding("clock", "good", said)
    state: State = "bad" if abs(skew) > LARGE_SKEW else "warning"
    return Finding("clock", state, said, "let the machine set its clock (NTP: chrony, systemd-timesyncd)")
