"""Which tables of other backends cannot be adopted, and the reasons given."""

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


def reasons(found: ExistingTable) -> str:
    return "; ".join(find_objections(found, analysis_results, KEY, FILLS))


def without(*names: str) -> ExistingTable:
    return replace(FIT, columns={name: c for name, c in FIT.columns.items() if name not in names})


def test_find_objections_accepts_equal_table() -> None:
    assert reasons(FIT) == ""


def test_find_objections_accepts_missing_nullable_or_filled_columns() -> None:
    assert reasons(without("levels", "candle_at", "market_type")) == ""


@pytest.mark.parametrize("name", ["id", "symbol"])
def test_find_objections_names_missing_required_column(name: str) -> None:
    assert f"no column {name}" in reasons(without(name))


def test_find_objections_requires_generated_id() -> None:
    assert "AUTO_INCREMENT" in reasons(replace(FIT, autoincrements=False))


def test_find_objections_names_foreign_required_column() -> None:
    found = replace(FIT, columns={**FIT.columns, "owner": column(needs_value=True), "note": column()})
    assert "column owner must be given a value" in reasons(found)
    assert "note" not in reasons(found)


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
def test_find_objections_refuses_unique_key_across_markets(unique: tuple[str, ...], fit: bool) -> None:
    found = replace(FIT, columns={**FIT.columns, "note": column()}, unique={"theirs": unique})
    assert ("theirs" in reasons(found)) is not fit
