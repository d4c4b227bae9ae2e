"""A stopped run resumes after its finished rounds, and its table shows what was measured."""

from dataclasses import replace
from pathlib import Path

from tests.support.faults.ledger import Ledger
from tests.support.faults.results import ResultsFile, RoundKey, to_entry
from tests.support.faults.table import to_markdown

KEY = RoundKey("kafka", "kill-sink", 1, 200)
LEDGER = Ledger(
    published=202,
    completed=198,
    failed={"unknown_symbol": 1, "expired": 3},
    dead=0,
    missing=[],
    unrecorded=[],
    both=["a"],
    stale=[],
    gaps=[],
    duplicates=2,
    late=0,
    due=190,
    kept=190,
    progress=(4.5,),
    rewinds=0,
    refused=0,
    crashed=[],
    rate_limited=0,
    recovery=60.0,
    failed_polls=[],
    outdated=[],
    broken=[],
    note="",
)


def cells(key: RoundKey, ledger: Ledger) -> list[str]:
    row = to_markdown([to_entry(key, ledger)]).splitlines()[2]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_results_file_finds_the_rounds_of_an_earlier_run(tmp_path: Path) -> None:
    file = tmp_path / "new" / "faults.jsonl"
    ResultsFile(file).add(KEY, LEDGER, "abc1234")
    again = ResultsFile(file)
    assert KEY in again
    assert KEY._replace(round=2) not in again
    assert KEY._replace(requests=300) not in again
    (entry,) = again.entries
    assert entry.items() >= to_entry(KEY, LEDGER).items()
    assert entry["commit"] == "abc1234"


def test_table_row_shows_the_counts() -> None:
    assert cells(KEY, LEDGER) == [
        *("kill-sink", "1", "202", "198", "3 expired, 1 unknown_symbol", "0", "0", "1", "0"),
        *("0", "0", "2", "0", "190 of 190", "4.5", "kept", ""),
    ]


def test_table_row_shows_what_was_counted_for_a_role() -> None:
    assert cells(KEY, replace(LEDGER, note="9 fires"))[-2] == "kept; 9 fires"


def test_table_row_shows_violations() -> None:
    row = cells(KEY._replace(where="in process"), replace(LEDGER, missing=["b"]))
    assert row[0] == "kill-sink (in process)"
    assert row[-2] == "1 missing: b"


def test_table_row_shows_the_slowest_progress() -> None:
    assert cells(KEY, replace(LEDGER, progress=(1.0, 7.25, 3.0)))[-3] == "7.2 (slowest of 3)"
    assert cells(KEY, replace(LEDGER, progress=(1.0, None)))[-3] == "-"
