"""The ledger reports each kind of violation that is planted in a clean round, and none in the clean round."""

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


def asked(name: str, kind: RequestKind = "request", timeout: float = 900.0) -> SentRequest:
    return SentRequest(PlannedRequest(name, kind, MARKET, timeout=timeout), NOON + timedelta(seconds=timeout))


def completed(offset: int, *names: str, version: Version = OLD) -> OutcomeRecord:
    return OutcomeRecord(RESULTS, offset, "completed", names, None, MARKET.key, version)


def failed(offset: int, *names: str, reason: str = "expired") -> OutcomeRecord:
    return OutcomeRecord(FAILURES, offset, "failed", names, reason)


CLEAN = Facts(
    asked={name: asked(name) for name in ("a", "b")}
    | {"p": asked("p", "poison"), "h": asked("h", "hasty", 2.0)},
    requests=[RequestRecord(REQUESTS, offset, name) for offset, name in enumerate(("a", "b", "p", "h"))],
    outcomes=[
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


def test_ledger_counts_a_clean_round_without_violations() -> None:
    ledger = build_ledger(CLEAN)
    assert ledger.violations == []
    assert (ledger.published, ledger.completed, ledger.dead, ledger.failed) == (4, 2, 1, {"expired": 1})
    assert (ledger.due, ledger.kept) == (2, 2)
    assert (ledger.duplicates, ledger.late, ledger.both) == (0, 0, [])


PLANTED: dict[str, tuple[Callable[[Facts], Facts], str]] = {
    "request without an outcome": (
        lambda f: replace(
            f, outcomes=f.outcomes[1:], jobs=f.jobs | {"a": JobState("queued", None)}, analyzers={}
        ),
        "1 missing: a",
    ),
    "dropped poison record": (lambda f: replace(f, outcomes=f.outcomes[:-1], analyzers={}), "1 missing: p"),
    "commit past a request without an outcome": (
        lambda f: replace(
            f, outcomes=f.outcomes[1:], jobs=f.jobs | {"a": JobState("queued", None)}, sinks={}
        ),
        "1 offset gaps: 0@0 a",
    ),
    "sink commit past a result that is not in the table": (
        lambda f: replace(f, jobs={name: job for name, job in f.jobs.items() if name != "b"}),
        "1 offset gaps: strandline.results.v1/0@1",
    ),
    "job missing in the table": (
        lambda f: replace(f, jobs={name: job for name, job in f.jobs.items() if name != "b"}, sinks={}),
        "1 unrecorded: b",
    ),
    "completed job recorded as failed": (
        lambda f: replace(f, jobs=f.jobs | {"a": JobState("failed", "expired")}),
        "1 unrecorded: a",
    ),
    "row overwritten by a late result": (
        lambda f: replace(f, rows={MARKET.key: OLD}),
        f"1 stale rows: {MARKET.key}",
    ),
    "row never written": (lambda f: replace(f, rows={}), f"1 stale rows: {MARKET.key}"),
    "request expired although its deadline was after the fault": (
        lambda f: replace(
            f, outcomes=[failed(1, "a"), *f.outcomes[1:]], jobs=f.jobs | {"a": JobState("failed", "expired")}
        ),
        "completed 1 of 2",
    ),
    "no progress after healing": (lambda f: replace(f, progress=(3.5, None)), "no progress"),
    "progress after more than a minute": (lambda f: replace(f, progress=(60.5,)), "no progress"),
    "committed offset that went back": (lambda f: replace(f, rewinds=1), "went back 1 times"),
    "exchange rate limit exceeded": (
        lambda f: replace(f, rate_limited=2),
        "refused 2 calls",
    ),
    "failed API poll": (
        lambda f: replace(f, failed_polls=["/: 503"]),
        "1 API polls failed: /: 503",
    ),
    "outdated row at the API": (
        lambda f: replace(f, api_rows={MARKET.key: OLD}),
        f"1 rows outdated at the API: {MARKET.key}",
    ),
    "row missing at the API": (lambda f: replace(f, api_rows={}), "1 rows outdated at the API"),
    "crashed role": (lambda f: replace(f, crashed=("sink",)), "1 roles crashed: sink"),
}


@pytest.mark.parametrize(("plant", "named"), PLANTED.values(), ids=PLANTED.keys())
def test_ledger_reports_a_planted_violation(plant: Callable[[Facts], Facts], named: str) -> None:
    violations = build_ledger(plant(CLEAN)).violations
    assert any(violation.startswith(named) or named in violation for violation in violations), violations


def test_ledger_excuses_requests_that_expired_during_the_fault() -> None:
    expired = replace(
        CLEAN,
        asked=CLEAN.asked | {"a": asked("a", timeout=10.0)},
        outcomes=[failed(1, "a"), *CLEAN.outcomes[1:]],
        jobs=CLEAN.jobs | {"a": JobState("failed", "expired")},
    )
    ledger = build_ledger(expired)
    assert (ledger.violations, ledger.due) == ([], 1)


def test_ledger_counts_and_allows_duplicate_results() -> None:
    ledger = build_ledger(
        replace(CLEAN, outcomes=[*CLEAN.outcomes, completed(2, "a", "b", version=NEW), failed(1, "a")])
    )
    assert (ledger.violations, ledger.duplicates, ledger.both) == ([], 1, ["a"])


def test_ledger_counts_and_allows_late_results_that_change_no_row() -> None:
    ledger = build_ledger(replace(CLEAN, outcomes=[*CLEAN.outcomes, completed(2, "a", version=OLD)]))
    assert (ledger.violations, ledger.late) == ([], 1)


def test_ledger_counts_two_requests_of_one_event_as_two() -> None:
    together = replace(CLEAN, outcomes=[completed(0, "a", "b", version=NEW), *CLEAN.outcomes[2:]])
    assert build_ledger(together).completed == 2


def test_ledger_reports_an_uncommitted_request_as_missing() -> None:
    ledger = build_ledger(replace(CLEAN, outcomes=CLEAN.outcomes[1:], analyzers={REQUESTS: 0}, sinks={}))
    assert (ledger.gaps, ledger.missing) == ([], ["a"])
