"""Widens MySQL column definitions of other backends so that our values fit. Pure; works on the text.

A column that would round, cut or refuse a value of ours is widened to one that holds it and all it held before. What
cannot be widened without guessing (a price kept as text) is refused by name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_TYPE = re.compile(
    r"(?P<name>[a-z]+)(?:\((?P<args>(?:[^()']|'(?:[^']|'')*')*)\))?(?: unsigned)?(?: zerofill)?"
    r"(?P<charset> CHARACTER SET \w+)?(?P<collate> COLLATE \w+)?",
    re.IGNORECASE,
)
_DEFAULT_TEXT = re.compile(r" DEFAULT ('(?:[^']|'')*')")
_NOW = re.compile(r"CURRENT_TIMESTAMP(?:\(\d?\))?", re.IGNORECASE)

_INTEGERS = ("tinyint", "smallint", "mediumint", "int", "bigint")
_TEXTS = ("tinytext", "text", "mediumtext", "longtext")
_LONG = ("text", "mediumtext", "longtext", "blob", "mediumblob", "longblob", "json")
_CASE_SENSITIVE = ("_bin", "_cs")

_PRICE_INTEGER_DIGITS, _PRICE_SCALE = 16, 20
"""A DECIMAL of these holds every price up to 1e15 and down to 1e-8 with 12 significant digits."""
_MAX_DECIMAL_DIGITS = 65
_MILLISECOND_DIGITS = 13


class UnfitColumn(ValueError):
    """The column cannot hold our values and cannot be widened; the message completes *its column x ...*."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A parsed definition: `letters` are its clauses of character set and collation, `rest` what follows the type."""

    name: str
    args: str
    letters: str
    rest: str
    collation: str
    charset: str

    @property
    def integer_digits(self) -> int:
        precision, _, scale = (self.args or "10,0").partition(",")
        return int(precision) - int(scale or 0)

    @property
    def scale(self) -> int:
        return int(self.args.partition(",")[2] or 0)


def widen_definition(
    definition: str, target: sa.types.TypeEngine[Any], collation: str | None, charset: str | None = None
) -> str | None:
    """Return the definition with its type widened and all else kept (NULL, default, comment); None if wide enough.

    `collation` and `charset` are the column's own or its table's. An empty definition (SQLite) is wide enough. Raises
    UnfitColumn.
    """
    found = _TYPE.match(definition)
    widen = next((widen for kind, widen in _RULES if isinstance(target, kind)), None)
    if found is None or widen is None:
        return None
    letters = f"{found['charset'] or ''}{found['collate'] or ''}"
    column = _Column(
        name=found["name"].lower(),
        args=found["args"] or "",
        letters=letters,
        rest=definition[found.end() :],
        collation=collation or (found["collate"] or "").rpartition(" ")[2],
        charset=charset or (found["charset"] or "utf8mb4").rpartition(" ")[2],
    )
    if column.rest.lstrip().upper().startswith("GENERATED"):
        raise UnfitColumn("is generated, and Strandline writes it: make it an ordinary column")
    return widen(column, target)


def _widen_price(column: _Column, _target: sa.types.TypeEngine[Any]) -> str | None:
    """FLOAT keeps 7 digits, and DOUBLE(M,D) and DECIMAL round at their scale. A DECIMAL stays one: its digits count."""
    match column.name:
        case "double":
            return None if not column.args else f"double{column.rest}"
        case "float" | "real":
            return f"double{column.rest}"
        case "decimal":
            digits = max(column.integer_digits, _PRICE_INTEGER_DIGITS)
            scale = max(column.scale, _PRICE_SCALE)
            if (digits, scale) == (column.integer_digits, column.scale):
                return None
            if digits + scale > _MAX_DECIMAL_DIGITS:
                return f"double{column.rest}"
            return f"decimal({digits + scale},{scale}){column.rest}"
        case name if name in _INTEGERS:
            return f"double{column.rest}"
    raise UnfitColumn(f"is {column.name}, which holds no price: make it DOUBLE")


def _widen_count(column: _Column, _target: sa.types.TypeEngine[Any]) -> str | None:
    """A count of candles is at most 10,000."""
    if column.name == "tinyint":
        return f"int{column.rest}"
    if column.name == "decimal" and column.integer_digits < 5:
        return f"int{column.rest}"
    if column.name in (*_INTEGERS, "decimal", "double", "float"):
        return None
    raise UnfitColumn(f"is {column.name}, which holds no count: make it INT")


def _widen_milliseconds(column: _Column, _target: sa.types.TypeEngine[Any]) -> str | None:
    if column.name in ("bigint", "double") or (
        column.name == "decimal" and column.integer_digits >= _MILLISECOND_DIGITS
    ):
        return None
    if column.name in (*_INTEGERS, "decimal"):
        return f"bigint{column.rest}"
    raise UnfitColumn(f"is {column.name}, which holds no milliseconds: make it BIGINT")


def _widen_json(column: _Column, _target: sa.types.TypeEngine[Any]) -> str | None:
    """A TEXT column may have no literal default, but an expression as one."""
    if column.name in _LONG:
        return None
    if column.name in ("varchar", "char", "tinytext"):
        rest = _DEFAULT_TEXT.sub(r" DEFAULT (\1)", column.rest, count=1)
        return f"mediumtext{column.letters}{rest}"
    raise UnfitColumn(f"is {column.name}, which holds no JSON: make it JSON")


def _widen_time(column: _Column, target: sa.types.TypeEngine[Any]) -> str | None:
    """Microseconds decide which of two results is later; a DATE would drop the time."""
    digits: int = getattr(target, "fsp", None) or 0
    if column.name == "date":
        return f"datetime({digits}){column.rest}" if digits else f"datetime{column.rest}"
    if column.name not in ("datetime", "timestamp"):
        raise UnfitColumn(f"is {column.name}, which holds no time: make it DATETIME")
    if int(column.args or 0) >= digits:
        return None
    rest = _NOW.sub(f"CURRENT_TIMESTAMP({digits})", column.rest)
    return f"{column.name}({digits}){rest}"


def _widen_text(column: _Column, target: sa.types.TypeEngine[Any]) -> str | None:
    """A VARCHAR, CHAR or ENUM grows to our length, as VARCHAR.

    Where case matters (`1m` is a minute, `1M` a month) its collation becomes case-sensitive; where any letter may
    stand (Unicode) its character set becomes utf8mb4.
    """
    assert isinstance(target, sa.String)
    if column.name not in ("varchar", "char", "enum", *_TEXTS):
        raise UnfitColumn(f"is {column.name}, which holds no text: make it VARCHAR({target.length})")
    letters = _widen_letters(column, target)
    if column.name in _TEXTS:
        return None if letters is None else f"{column.name}{letters}{column.rest}"
    length = 0 if column.name == "enum" else int(column.args or 1)
    needed = max(length, target.length or 0)
    if length == needed and letters is None:
        return None
    return f"varchar({needed}){column.letters if letters is None else letters}{column.rest}"


def _widen_letters(column: _Column, target: sa.String) -> str | None:
    """Return the clauses of another character set or collation; None if the present ones will do."""
    if target.collation is not None and not column.collation.endswith(_CASE_SENSITIVE):
        return f" CHARACTER SET utf8mb4 COLLATE {target.collation}"
    if isinstance(target, sa.Unicode) and column.charset != "utf8mb4":
        return " CHARACTER SET utf8mb4" + (
            " COLLATE utf8mb4_bin" if column.collation.endswith("_bin") else ""
        )
    return None


_RULES: tuple[tuple[type, Callable[[_Column, sa.types.TypeEngine[Any]], str | None]], ...] = (
    (sa.Double, _widen_price),
    (sa.BigInteger, _widen_milliseconds),
    (sa.Integer, _widen_count),
    (sa.JSON, _widen_json),
    (sa.DateTime, _widen_time),
    (sa.String, _widen_text),
)
"""The first whose type the target has."""
