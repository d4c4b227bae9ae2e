"""Widens MySQL column definitions of other backends so that our values fit. Pure; works on the text."""

import re
from typing import Any

import sqlalchemy as sa

_FLOAT = re.compile(r"float(\(\d+(,\d+)?\))?( unsigned)?", re.IGNORECASE)
_VARCHAR = re.compile(
    r"(?:var)?char\((?P<length>\d+)\)(?P<charset> CHARACTER SET \w+)?(?P<collation> COLLATE \w+)?",
    re.IGNORECASE,
)
_CASE_SENSITIVE = ("_bin", "_cs")


def widen_definition(definition: str, target: sa.types.TypeEngine[Any], collation: str | None) -> str | None:
    """Return the definition with its type widened and all else kept (NULL, default, comment); None if wide enough.

    FLOAT keeps 7 digits of a price, so it becomes DOUBLE. A VARCHAR or CHAR grows to our length, as VARCHAR, and
    where case matters (`1m` is a minute, `1M` a month) its collation becomes case-sensitive.
    """
    if isinstance(target, sa.Double):
        changed, count = _FLOAT.subn("double", definition, count=1) if _FLOAT.match(definition) else ("", 0)
        return changed if count else None
    found = _VARCHAR.match(definition)
    if not isinstance(target, sa.String) or found is None or target.length is None:
        return None
    exact = target.collation is not None and not (collation or "").endswith(_CASE_SENSITIVE)
    if int(found["length"]) >= target.length and not exact:
        return None
    length = max(int(found["length"]), target.length)
    charset = f"{found['charset'] or ''}{found['collation'] or ''}"
    if exact:
        charset = f" CHARACTER SET utf8mb4 COLLATE {target.collation}"
    return f"varchar({length}){charset}{definition[found.end() :]}"
