"""Widening a column definition leaves everything else as it is."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from storage.migrations.column_types import widen_definition

EXACT = mysql.VARCHAR(8, charset="utf8mb4", collation="utf8mb4_bin")


@pytest.mark.parametrize(
    ("definition", "wide"),
    [
        ("float NOT NULL", "double NOT NULL"),
        ("float(10,2) DEFAULT '0.00' COMMENT 'a float'", "double DEFAULT '0.00' COMMENT 'a float'"),
        ("float unsigned DEFAULT NULL", "double DEFAULT NULL"),
        ("double NOT NULL", None),
        ("decimal(20,8) NOT NULL", None),
    ],
)
def test_widen_definition_turns_float_into_double(definition: str, wide: str | None) -> None:
    assert widen_definition(definition, sa.Double(), None) == wide


@pytest.mark.parametrize(
    ("definition", "wide"),
    [
        (
            "varchar(20) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'x'",
            "varchar(64) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'x'",
        ),
        ("varchar(20) CHARACTER SET latin1 NOT NULL", "varchar(64) CHARACTER SET latin1 NOT NULL"),
        ("varchar(64) NOT NULL", None),
        ("varchar(255) NOT NULL", None),
        ("text NOT NULL", None),
    ],
)
def test_widen_definition_lengthens_varchar(definition: str, wide: str | None) -> None:
    assert widen_definition(definition, sa.String(64), "utf8mb4_unicode_ci") == wide


@pytest.mark.parametrize(
    ("definition", "collation", "wide"),
    [
        (
            "varchar(10) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '1h'",
            "utf8mb4_unicode_ci",
            "varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '1h'",
        ),
        ("char(8) NOT NULL", None, "varchar(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"),
        ("varchar(4) NOT NULL", None, "varchar(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"),
        ("varchar(8) COLLATE utf8mb4_bin NOT NULL", "utf8mb4_bin", None),
        ("varchar(8) COLLATE utf8mb4_0900_as_cs NOT NULL", "utf8mb4_0900_as_cs", None),
    ],
)
def test_widen_definition_makes_timeframe_case_sensitive(
    definition: str, collation: str | None, wide: str | None
) -> None:
    assert widen_definition(definition, EXACT, collation) == wide


def test_widen_definition_leaves_other_types() -> None:
    assert widen_definition("int NOT NULL", sa.Integer(), None) is None
    assert widen_definition("", sa.Double(), None) is None
