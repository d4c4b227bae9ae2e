"""The checker finds what is wrong: each kind of violation, planted alone, is named; a clean round is not accused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broker.ports import Partition
from tests.support.faults.facts import Facts, JobState, OutcomeRecord, RequestRecord, SentRequest, Version
from tests.support.faults.ledger import build_ledger
from tests.support.faults.plan import PlannedRequest, RequestKind, make_market

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
REQUESTS, RESULTS, FAILURES = (
    Partition(f"strandline.{name}.v1", 0) for name in ("requests", "results", "failures")
)
MARKET = make_market("BTCUSDT", "1h")
OLD, NEW = Version(1_000, NOON), Version(2_000, NOON)


def asked(name: str, kind: RequestKind = "request", patience: float = 900.0) -> SentRequest:
    return SentRequest(
        PlannedRequest(name, kind, MARKET, patience=patience), NOON + timedelta(seconds=patience)
    )


def completed(offset: int, *names: str, version: Version = OLD) -> OutcomeRecord:
    return OutcomeRecord(RESULTS, offset, "completed", names, None, MARKET.key, version)


def failed(offset: int, *names: str, reason: str = "expired") -> OutcomeRecord:
    return OutcomeRecord(FAILURES, offset, "failed", names, reason)


CLEAN = Facts(
    asked={name: asked(name) for name in ("a", "b")}
    | {"p": asked("p", "poison"), "h": asked("h", "hasty", 2.0)},
    placed=[RequestRecord(REQUESTS, offset, name) for offset, name in enumerate(("a", "b", "p", "h"))],
    endings=[
        completed(0, "a"),
        completed(1, "b", version=NEW),
        failed(0, "h"),
        OutcomeRecord(Partition("strandline.dead-letters.v1", 0), 0, "dead", ("p",)),
    ],
    jobs={
        "a": JobState("completed", None),
        "b": JobState("completed", None),
        "h": JobState("failed", "expired"),
    },
    rows={MARKET.key: NEW},
    analyzers={REQUESTS: 4},
    sinks={RESULTS: 2, FAILURES: 1},
    healed_at=NOON + timedelta(seconds=30),
    progress=(3.5,),
)


def test_a_clean_round_is_counted_and_not_accused() -> None:
    ledger = build_ledger(CLEAN)
    assert ledger.violations == []
    assert (ledger.published, ledger.completed, ledger.dead, ledger.failed) == (4, 2, 1, {"expired": 1})
    assert (ledger.demanded, ledger.kept) == (2, 2)
    assert (ledger.duplicates, ledger.late, ledger.both) == (0, 0, [])


PLANTED: dict[str, tuple[Callable[[Facts], Facts], str]] = {
    "a request without an end": (
        lambda f: replace(
            f, endings=f.endings[1:], jobs=f.jobs | {"a": JobState("queued", None)}, analyzers={}
        ),
        "1 missing: a",
    ),
    "poison that was dropped": (lambda f: replace(f, endings=f.endings[:-1], analyzers={}), "1 missing: p"),
    "a commit past a request without an end": (
        lambda f: replace(f, endings=f.endings[1:], jobs=f.jobs | {"a": JobState("queued", None)}, sinks={}),
        "1 offset gaps: 0@0 a",
    ),
    "a sink's commit past a result that is in no table": (
        lambda f: replace(f, jobs={name: job for name, job in f.jobs.items() if name != "b"}),
        "1 offset gaps: strandline.results.v1/0@1",
    ),
    "a job that the table does not know": (
        lambda f: replace(f, jobs={name: job for name, job in f.jobs.items() if name != "b"}, sinks={}),
        "1 unrecorded: b",
    ),
    "a job that says failed though it completed": (
        lambda f: replace(f, jobs=f.jobs | {"a": JobState("failed", "expired")}),
        "1 unrecorded: a",
    ),
    "a row that a late result overwrote": (
        lambda f: replace(f, rows={MARKET.key: OLD}),
        f"1 stale rows: {MARKET.key}",
    ),
    "a row that was never written": (lambda f: replace(f, rows={}), f"1 stale rows: {MARKET.key}"),
    "a request that expired though its time outlived the fault": (
        lambda f: replace(
            f, endings=[failed(1, "a"), *f.endings[1:]], jobs=f.jobs | {"a": JobState("failed", "expired")}
        ),
        "completed 1 of 2",
    ),
    "no progress after healing": (lambda f: replace(f, progress=(3.5, None)), "no progress"),
    "progress after more than a minute": (lambda f: replace(f, progress=(60.5,)), "no progress"),
    "a committed offset that went back": (lambda f: replace(f, rewound=1), "went back 1 times"),
    "an exchange that was asked too much": (lambda f: replace(f, scolded=2), "asked too much: it said so 2"),
    "a look that the API did not answer": (
        lambda f: replace(f, turned_away=["/: 503"]),
        "1 looks at the API were not answered: /: 503",
    ),
    "an old row that the API still shows": (
        lambda f: replace(f, shown={MARKET.key: OLD}),
        f"1 rows outdated at the API: {MARKET.key}",
    ),
    "a row that the API does not show": (lambda f: replace(f, shown={}), "1 rows outdated at the API"),
    "a role that fell over by itself": (lambda f: replace(f, fallen=("sink",)), "1 roles fell: sink"),
}


@pytest.mark.parametrize(("plant", "named"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_violation_is_found(plant: Callable[[Facts], Facts], named: str) -> None:
    violations = build_ledger(plant(CLEAN)).violations
    assert any(violation.startswith(named) or named in violation for violation in violations), violations


def test_what_expired_during_the_fault_is_not_held_against_it() -> None:
    expired = replace(
        CLEAN,
        asked=CLEAN.asked | {"a": asked("a", patience=10.0)},
        endings=[failed(1, "a"), *CLEAN.endings[1:]],
        jobs=CLEAN.jobs | {"a": JobState("failed", "expired")},
    )
    ledger = build_ledger(expired)
    assert (ledger.violations, ledger.demanded) == ([], 1)


def test_an_answer_given_twice_is_counted_and_allowed() -> None:
    ledger = build_ledger(
        replace(CLEAN, endings=[*CLEAN.endings, completed(2, "a", "b", version=NEW), failed(1, "a")])
    )
    assert (ledger.violations, ledger.duplicates, ledger.both) == ([], 1, ["a"])


def test_a_late_result_is_counted_and_allowed_as_long_as_the_row_stays() -> None:
    ledger = build_ledger(replace(CLEAN, endings=[*CLEAN.endings, completed(2, "a", version=OLD)]))
    assert (ledger.violations, ledger.late) == ([], 1)


def test_two_requests_in_one_event_are_two_completed() -> None:
    together = replace(CLEAN, endings=[completed(0, "a", "b", version=NEW), *CLEAN.endings[2:]])
    assert build_ledger(together).completed == 2


def test_what_is_not_committed_is_no_gap_but_missing() -> None:
    ledger = build_ledger(replace(CLEAN, endings=CLEAN.endings[1:], analyzers={REQUESTS: 0}, sinks={}))
    assert (ledger.gaps, ledger.missing) == ([], ["a"])
