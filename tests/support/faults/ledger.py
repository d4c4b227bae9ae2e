"""From what a round left behind to its ledger. Pure: this is what decides whether a promise was kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.support.faults.facts import Facts, OutcomeRecord, Version

MAX_RECOVERY = 60.0
"""Seconds. So it is promised; a run that shares its machine with others may allow itself more."""
MIN_COMPLETED_SHARE = 0.99


@dataclass(frozen=True, slots=True)
class Ledger:
    """Names are listed where something is wrong with them, and counted where all is well.

    missing     ended by no event and no dead letter
    unrecorded  ended on a topic, but the jobs table does not say so (completed outranks failed)
    both        completed and failed
    stale       markets whose row is older than the newest result on the topic
    gaps        records below a committed offset that never ended, or never reached the table
    duplicates  result events that completed nothing new
    recovery    within how many seconds of healing there had to be progress
    outdated    markets that the API does not show as their row is
    late        result events that are older than one before them: what the guard is there for
    demanded    plain requests whose deadline outlived the last fault; `kept` of them completed
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
    demanded: int
    kept: int
    progress: Sequence[float | None]
    rewound: int
    refused: int
    fallen: Sequence[str]
    scolded: int
    recovery: float
    turned_away: Sequence[str]
    outdated: Sequence[str]

    @property
    def violations(self) -> list[str]:
        """What is promised and was not kept, in words; empty when all was."""
        broken = [
            f"{len(names)} {what}: {', '.join(names[:5])}"
            for what, names in self._forbidden().items()
            if names
        ]
        if self.kept < MIN_COMPLETED_SHARE * self.demanded:
            broken.append(f"completed {self.kept} of {self.demanded} whose deadline outlived the fault")
        if any(seconds is None or seconds > self.recovery for seconds in self.progress):
            broken.append(f"no progress within {self.recovery:.0f} s of healing: {list(self.progress)}")
        if self.rewound:
            broken.append(f"a committed offset went back {self.rewound} times")
        if self.scolded:
            broken.append(f"the exchange was asked too much: it said so {self.scolded} times")
        return broken

    def _forbidden(self) -> dict[str, Sequence[str]]:
        return {
            "missing": self.missing,
            "unrecorded": self.unrecorded,
            "stale rows": self.stale,
            "offset gaps": self.gaps,
            "roles fell": self.fallen,
            "looks at the API were not answered": self.turned_away,
            "rows outdated at the API": self.outdated,
        }


def build_ledger(facts: Facts, recovery: float = MAX_RECOVERY) -> Ledger:
    completed = _names_of_kind(facts.endings, "completed")
    failed = _names_of_kind(facts.endings, "failed")
    dead = _names_of_kind(facts.endings, "dead")
    demanded = [
        name
        for name, asked in facts.asked.items()
        if asked.ask.kind in {"request", "probe"} and asked.expires_at > facts.healed_at
    ]
    return Ledger(
        published=len(facts.asked),
        completed=len(completed & facts.asked.keys()),
        failed=Counter(_failure_reasons(facts.endings, facts.asked.keys() - completed).values()),
        dead=len(dead & facts.asked.keys()),
        missing=sorted(facts.asked.keys() - completed - failed - dead),
        unrecorded=_find_unrecorded(facts, completed, failed),
        both=sorted(completed & failed & facts.asked.keys()),
        stale=_find_stale(facts),
        gaps=[*_find_analyzer_gaps(facts, completed | failed | dead), *_find_sink_gaps(facts)],
        duplicates=_count_duplicates(facts),
        late=_count_late(facts.endings),
        demanded=len(demanded),
        kept=sum(name in completed for name in demanded),
        progress=facts.progress,
        rewound=facts.rewound,
        refused=facts.refused,
        fallen=facts.fallen,
        scolded=facts.scolded,
        recovery=recovery,
        turned_away=facts.turned_away,
        outdated=_find_outdated(facts),
    )


def _names_of_kind(endings: Iterable[OutcomeRecord], kind: str) -> set[str]:
    return {name for ending in endings if ending.kind == kind for name in ending.names}


def _failure_reasons(endings: Iterable[OutcomeRecord], wanted: Iterable[str]) -> dict[str, str]:
    """The first reason that each of `wanted` failed for."""
    reasons: dict[str, str] = {}
    wanted = set(wanted)
    for ending in endings:
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
    """A market without a row is as stale as can be."""
    newest: dict[str, Version] = {}
    for market, version in _versions(facts.endings):
        newest[market] = max(newest.get(market, version), version)
    return sorted(m for m, version in newest.items() if m not in facts.rows or facts.rows[m] < version)


def _find_outdated(facts: Facts) -> list[str]:
    if facts.shown is None:
        return []
    return sorted(market for market, version in facts.rows.items() if facts.shown.get(market) != version)


def _versions(endings: Iterable[OutcomeRecord]) -> Iterable[tuple[str, Version]]:
    for ending in endings:
        if ending.market is not None and ending.version is not None:
            yield ending.market, ending.version


def _find_analyzer_gaps(facts: Facts, ended: set[str]) -> list[str]:
    """Committed past, but without an end: nobody will ever work on it again."""
    return [
        f"{placed.partition.number}@{placed.offset} {placed.name}"
        for placed in facts.placed
        if placed.offset < facts.analyzers.get(placed.partition, 0) and placed.name not in ended
    ]


def _find_sink_gaps(facts: Facts) -> list[str]:
    """Committed past, but requests of ours that it ends are not ended in the table."""
    open_ = facts.asked.keys() - {name for name, job in facts.jobs.items() if job.status != "queued"}
    return [
        f"{ending.partition.topic}/{ending.partition.number}@{ending.offset}"
        for ending in facts.endings
        if ending.offset < facts.sinks.get(ending.partition, 0) and open_.intersection(ending.names)
    ]


def _count_duplicates(facts: Facts) -> int:
    """Of events that name requests of ours."""
    seen: set[str] = set()
    count = 0
    for ending in facts.endings:
        if ending.kind == "completed" and not facts.asked.keys().isdisjoint(ending.names):
            count += seen.issuperset(ending.names)
            seen.update(ending.names)
    return count


def _count_late(endings: Iterable[OutcomeRecord]) -> int:
    newest: dict[str, Version] = {}
    count = 0
    for market, version in _versions(endings):
        count += market in newest and version < newest[market]
        newest[market] = max(newest.get(market, version), version)
    return count
