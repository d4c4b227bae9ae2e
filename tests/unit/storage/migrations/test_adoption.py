"""Which tables can't be shared with whoever made them, and what is said about it."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from schemas.tables import analysis_results
from storage.migrations.adoption import Fill, find_objections
from storage.migrations.inspection import ExistingColumn, ExistingTable

KEY = ("exchange", "symbol", "market_type", "timeframe")
FILLS = {"market_type": Fill("'spot'")}


def column(*, needs_value: bool = False) -> ExistingColumn:
    return ExistingColumn(sa.String(64), needs_value)


FIT = ExistingTable(
    name="analysis_results",
    columns={name: column() for name in analysis_results.columns.keys()},  # noqa: SIM118 (not a mapping)
    primary_key=("id",),
    autoincrements=True,
    unique={},
    indexes=(),
)


def told(found: ExistingTable) -> str:
    return "; ".join(find_objections(found, analysis_results, KEY, FILLS))


def without(*names: str) -> ExistingTable:
    return replace(FIT, columns={name: c for name, c in FIT.columns.items() if name not in names})


def test_a_table_like_ours_is_fit() -> None:
    assert told(FIT) == ""


def test_what_can_be_empty_or_filled_may_be_missing() -> None:
    assert told(without("levels", "candle_at", "market_type")) == ""


@pytest.mark.parametrize("name", ["id", "symbol"])
def test_what_cannot_be_made_up_may_not(name: str) -> None:
    assert f"no column {name}" in told(without(name))


def test_an_id_must_count_by_itself() -> None:
    assert "AUTO_INCREMENT" in told(replace(FIT, autoincrements=False))


def test_a_column_that_we_cannot_fill_is_named() -> None:
    found = replace(FIT, columns={**FIT.columns, "owner": column(needs_value=True), "note": column()})
    assert "column owner must be given a value" in told(found)
    assert "note" not in told(found)


@pytest.mark.parametrize(
    ("unique", "fit"),
    [
        (KEY, True),
        (KEY[::-1], True),
        ((*KEY, "algorithm"), True),
        (("symbol", "note"), True),
        (("symbol",), False),
        (("exchange", "symbol", "timeframe"), False),
        (("request_id",), False),
    ],
)
def test_no_other_key_may_make_two_markets_one(unique: tuple[str, ...], fit: bool) -> None:
    found = replace(FIT, columns={**FIT.columns, "note": column()}, unique={"theirs": unique})
    assert ("theirs" in told(found)) is not fit
