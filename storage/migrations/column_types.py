"""What a column of another backend's must become so that our values fit in it. Pure text, in MySQL's words."""

import re
from typing import Any

import sqlalchemy as sa

_FLOAT = re.compile(r"float(\(\d+(,\d+)?\))?( unsigned)?", re.IGNORECASE)
_VARCHAR = re.compile(
    r"(?:var)?char\((?P<length>\d+)\)(?P<charset> CHARACTER SET \w+)?(?P<collation> COLLATE \w+)?",
    re.IGNORECASE,
)
_TELLS_CASE = ("_bin", "_cs")


def widen_definition(definition: str, wanted: sa.types.TypeEngine[Any], collation: str | None) -> str | None:
    """The column's definition with its type widened and all else kept (NULL, default, comment); None if it will do.

    FLOAT keeps 7 digits of a price, so it becomes DOUBLE. A VARCHAR or CHAR grows to our length, as VARCHAR, and
    where we tell letters by case (`1m` is a minute, `1M` a month) its collation does so as well.
    """
    if isinstance(wanted, sa.Double):
        changed, count = _FLOAT.subn("double", definition, count=1) if _FLOAT.match(definition) else ("", 0)
        return changed if count else None
    found = _VARCHAR.match(definition)
    if not isinstance(wanted, sa.String) or found is None or wanted.length is None:
        return None
    exact = wanted.collation is not None and not (collation or "").endswith(_TELLS_CASE)
    if int(found["length"]) >= wanted.length and not exact:
        return None
    length = max(int(found["length"]), wanted.length)
    letters = f"{found['charset'] or ''}{found['collation'] or ''}"
    if exact:
        letters = f" CHARACTER SET utf8mb4 COLLATE {wanted.collation}"
    return f"varchar({length}){letters}{definition[found.end() :]}"
