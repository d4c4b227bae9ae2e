"""Widening a column definition leaves everything else as it is."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from storage.migrations.column_types import UnfitColumn, widen_definition

EXACT = mysql.VARCHAR(8, charset="utf8mb4", collation="utf8mb4_bin")


@pytest.mark.parametrize(
    ("definition", "wide"),
    [
        ("float NOT NULL", "double NOT NULL"),
        ("float(10,2) DEFAULT '0.00' COMMENT 'a float'", "double DEFAULT '0.00' COMMENT 'a float'"),
        ("float unsigned DEFAULT NULL", "double DEFAULT NULL"),
        ("double NOT NULL", None),
        ("double(10,2) NOT NULL", "double NOT NULL"),
        ("decimal(12,2) NOT NULL", "decimal(36,20) NOT NULL"),
        ("decimal(20,8) unsigned DEFAULT NULL", "decimal(36,20) DEFAULT NULL"),
        ("decimal(45,25) NOT NULL", None),
        ("decimal(30,25) NOT NULL", "decimal(41,25) NOT NULL"),
        ("decimal(65,0) NOT NULL", "double NOT NULL"),
        ("decimal NOT NULL", "decimal(36,20) NOT NULL"),
        ("int unsigned NOT NULL DEFAULT '0'", "double NOT NULL DEFAULT '0'"),
    ],
)
def test_widen_definition_makes_room_for_prices(definition: str, wide: str | None) -> None:
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


@pytest.mark.parametrize(
    ("definition", "target", "wide"),
    [
        ("tinyint unsigned NOT NULL", sa.Integer(), "int NOT NULL"),
        ("decimal(4,0) NOT NULL", sa.Integer(), "int NOT NULL"),
        ("smallint NOT NULL", sa.Integer(), None),
        ("decimal(10,0) NOT NULL", sa.Integer(), None),
        ("int DEFAULT NULL", sa.BigInteger(), "bigint DEFAULT NULL"),
        ("decimal(15,2) DEFAULT NULL", sa.BigInteger(), None),
        ("bigint unsigned NOT NULL", sa.BigInteger(), None),
        (
            "varchar(255) CHARACTER SET latin1 DEFAULT '[]' COMMENT 'x'",
            sa.JSON(),
            "mediumtext CHARACTER SET latin1 DEFAULT ('[]') COMMENT 'x'",
        ),
        ("tinytext", sa.JSON(), "mediumtext"),
        ("text", sa.JSON(), None),
        ("json NOT NULL", sa.JSON(), None),
        ("datetime DEFAULT NULL", mysql.DATETIME(fsp=6), "datetime(6) DEFAULT NULL"),
        (
            "timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)",
            mysql.DATETIME(fsp=6),
            "timestamp(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
        ),
        ("datetime(6) DEFAULT NULL", mysql.DATETIME(fsp=6), None),
        ("date NOT NULL", sa.TIMESTAMP(), "datetime NOT NULL"),
        ("timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP", sa.TIMESTAMP(), None),
        (
            "enum('spot','future') NOT NULL DEFAULT 'spot'",
            sa.String(16),
            "varchar(16) NOT NULL DEFAULT 'spot'",
        ),
        (
            "enum('1h','it''s (x)') NOT NULL",
            EXACT,
            "varchar(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
        ),
    ],
)
def test_widen_definition_makes_room_for_other_values(
    definition: str, target: sa.types.TypeEngine[Any], wide: str | None
) -> None:
    assert widen_definition(definition, target, None) == wide


@pytest.mark.parametrize(
    ("definition", "collation", "charset", "wide"),
    [
        ("varchar(64) NOT NULL", "latin1_swedish_ci", "latin1", "varchar(64) CHARACTER SET utf8mb4 NOT NULL"),
        (
            "varchar(20) NOT NULL",
            "utf8mb3_bin",
            "utf8mb3",
            "varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
        ),
        ("text CHARACTER SET latin1", "latin1_swedish_ci", "latin1", "text CHARACTER SET utf8mb4"),
        ("varchar(64) NOT NULL", "utf8mb4_unicode_ci", "utf8mb4", None),
    ],
)
def test_widen_definition_makes_room_for_every_letter(
    definition: str, collation: str, charset: str, wide: str | None
) -> None:
    assert widen_definition(definition, sa.Unicode(64), collation, charset) == wide


@pytest.mark.parametrize(
    ("definition", "target"),
    [
        ("varchar(32) NOT NULL", sa.Double()),
        ("text", sa.Integer()),
        ("datetime", sa.BigInteger()),
        ("int NOT NULL", sa.JSON()),
        ("int unsigned NOT NULL", sa.TIMESTAMP()),
        ("varbinary(64)", sa.Unicode(64)),
        ("double GENERATED ALWAYS AS (`x` + 1) VIRTUAL", sa.Double()),
    ],
)
def test_widen_definition_refuses_other_kinds(definition: str, target: sa.types.TypeEngine[Any]) -> None:
    with pytest.raises(UnfitColumn, match="make it"):
        widen_definition(definition, target, None)
