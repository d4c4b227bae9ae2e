"""Builds the ledger of a round, which decides whether the promises were kept. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.support.faults.facts import Facts, OutcomeRecord, Version

MAX_RECOVERY = 60.0
"""Seconds, as promised; rounds that share their machine may allow more."""
MIN_COMPLETED_SHARE = 0.99


@dataclass(frozen=True, slots=True)
class Ledger:
    """Names are listed where something is wrong, and counted where all is well.

    missing     neither an event nor a dead letter ended them
    unrecorded  ended on a topic, but not in the jobs table (completed outranks failed)
    both        completed and failed
    stale       markets whose row is older than the newest result on the topic
    gaps        records below a committed offset that never ended, or never reached the table
    duplicates  result events that completed nothing new
    recovery    allowed seconds from healing to progress
    broken      violations of a role's own promise; `note` is what was counted for it
    outdated    markets that the API does not return as their row is
    late        result events older than an earlier one, which the sink's guard must refuse
    due         plain requests whose deadline was after the last fault; `kept` of them completed
    """

    published: int
    completed: int
    failed: Mapping[str, int]
    dead: int
    missing: Sequence[str]
    unrecorded: Sequence[str]
    both: Sequence[str]
    stale: Sequence[str]
    gaps: Sequence[str]
    duplicates: int
    late: int
    due: int
    kept: int
    progress: Sequence[float | None]
    rewinds: int
    refused: int
    crashed: Sequence[str]
    rate_limited: int
    recovery: float
    failed_polls: Sequence[str]
    outdated: Sequence[str]
    broken: Sequence[str]
    note: str

    @property
    def violations(self) -> list[str]:
        """Describe each broken promise; empty when all were kept."""
        broken = [
            f"{len(names)} {what}: {', '.join(names[:5])}"
            for what, names in self._forbidden().items()
            if names
        ]
        if self.kept < MIN_COMPLETED_SHARE * self.due:
            broken.append(f"completed {self.kept} of {self.due} whose deadline outlived the fault")
        if any(seconds is None or seconds > self.recovery for seconds in self.progress):
            broken.append(f"no progress within {self.recovery:.0f} s of healing: {list(self.progress)}")
        if self.rewinds:
            broken.append(f"a committed offset went back {self.rewinds} times")
        if self.rate_limited:
            broken.append(f"the exchange refused {self.rate_limited} calls because of its rate limit")
        return [*broken, *self.broken]

    def _forbidden(self) -> dict[str, Sequence[str]]:
        return {
            "missing": self.missing,
            "unrecorded": self.unrecorded,
            "stale rows": self.stale,
            "offset gaps": self.gaps,
            "roles crashed": self.crashed,
            "API polls failed": self.failed_polls,
            "rows outdated at the API": self.outdated,
        }


def build_ledger(facts: Facts, recovery: float = MAX_RECOVERY) -> Ledger:
    completed = _names_of_kind(facts.outcomes, "completed")
    failed = _names_of_kind(facts.outcomes, "failed")
    dead = _names_of_kind(facts.outcomes, "dead")
    due = [
        name
        for name, asked in facts.asked.items()
        if asked.ask.kind in {"request", "probe"} and asked.expires_at > facts.healed_at
    ]
    return Ledger(
        published=len(facts.asked),
        completed=len(completed & facts.asked.keys()),
        failed=Counter(_failure_reasons(facts.outcomes, facts.asked.keys() - completed).values()),
        dead=len(dead & facts.asked.keys()),
        missing=sorted(facts.asked.keys() - completed - failed - dead),
        unrecorded=_find_unrecorded(facts, completed, failed),
        both=sorted(completed & failed & facts.asked.keys()),
        stale=_find_stale(facts),
        gaps=[*_find_analyzer_gaps(facts, completed | failed | dead), *_find_sink_gaps(facts)],
        duplicates=_count_duplicates(facts),
        late=_count_late(facts.outcomes),
        due=len(due),
        kept=sum(name in completed for name in due),
        progress=facts.progress,
        rewinds=facts.rewinds,
        refused=facts.refused,
        crashed=facts.crashed,
        rate_limited=facts.rate_limited,
        recovery=recovery,
        failed_polls=facts.failed_polls,
        outdated=_find_outdated(facts),
        broken=facts.broken,
        note=facts.note,
    )


def _names_of_kind(outcomes: Iterable[OutcomeRecord], kind: str) -> set[str]:
    return {name for ending in outcomes if ending.kind == kind for name in ending.names}


def _failure_reasons(outcomes: Iterable[OutcomeRecord], wanted: Iterable[str]) -> dict[str, str]:
    """Return the first failure reason of each name in `wanted`."""
    reasons: dict[str, str] = {}
    wanted = set(wanted)
    for ending in outcomes:
        for name in wanted.intersection(ending.names if ending.kind == "failed" else ()):
            reasons.setdefault(name, ending.reason or "")
    return reasons


def _find_unrecorded(facts: Facts, completed: set[str], failed: set[str]) -> list[str]:
    due = dict.fromkeys(failed, "failed") | dict.fromkeys(completed, "completed")
    return sorted(
        name
        for name, status in due.items()
        if name in facts.asked and (name not in facts.jobs or facts.jobs[name].status != status)
    )


def _find_stale(facts: Facts) -> list[str]:
    """Return markets whose row is older than their newest result, or missing."""
    newest: dict[str, Version] = {}
    for market, version in _versions(facts.outcomes):
        newest[market] = max(newest.get(market, version), version)
    return sorted(m for m, version in newest.items() if m not in facts.rows or facts.rows[m] < version)


def _find_outdated(facts: Facts) -> list[str]:
    if facts.api_rows is None:
        return []
    return sorted(market for market, version in facts.rows.items() if facts.api_rows.get(market) != version)


def _versions(outcomes: Iterable[OutcomeRecord]) -> Iterable[tuple[str, Version]]:
    for ending in outcomes:
        if ending.market is not None and ending.version is not None:
            yield ending.market, ending.version


def _find_analyzer_gaps(facts: Facts, ended: set[str]) -> list[str]:
    """Return requests below a committed offset without an outcome: they would never be processed again."""
    return [
        f"{requests.partition.number}@{requests.offset} {requests.name}"
        for requests in facts.requests
        if requests.offset < facts.analyzers.get(requests.partition, 0) and requests.name not in ended
    ]


def _find_sink_gaps(facts: Facts) -> list[str]:
    """Return outcomes below a committed offset whose requests are not ended in the table."""
    open_ = facts.asked.keys() - {name for name, job in facts.jobs.items() if job.status != "queued"}
    return [
        f"{ending.partition.topic}/{ending.partition.number}@{ending.offset}"
        for ending in facts.outcomes
        if ending.offset < facts.sinks.get(ending.partition, 0) and open_.intersection(ending.names)
    ]


def _count_duplicates(facts: Facts) -> int:
    """Count result events of the round that complete nothing new."""
    seen: set[str] = set()
    count = 0
    for ending in facts.outcomes:
        if ending.kind == "completed" and not facts.asked.keys().isdisjoint(ending.names):
            count += seen.issuperset(ending.names)
            seen.update(ending.names)
    return count


def _count_late(outcomes: Iterable[OutcomeRecord]) -> int:
    newest: dict[str, Version] = {}
    count = 0
    for market, version in _versions(outcomes):
        count += market in newest and version < newest[market]
        newest[market] = max(newest.get(market, version), version)
    return count
