"""Levels near the price, for the tool `levels_near`: from the call for it, or from all results where there is none."""

from collections.abc import Mapping
from typing import Any

from api.mcp.answers import market_key
from api.mcp.calls import RestCalls

_STEP = 200
_MAX_RESULTS = 4_000

Level = Mapping[str, Any]


async def list_near(
    calls: RestCalls, *, within_pct: float, limit: int, side: str | None, **filters: str | None
) -> list[tuple[str, Level]]:
    """Return at most `limit` levels by distance to the last price of their result, nearest first, with their markets.

    Raises CallFailed.
    """
    found: list[tuple[str, Level]] = []
    after: str | None = "0"
    seen = 0
    while after is not None and seen < _MAX_RESULTS:
        page = await calls.get("/analysis/results", include="levels", after=after, pageSize=_STEP, **filters)
        found += [
            (market_key(row), level)
            for row in page["data"]
            for level in row.get("levels") or []
            if level["distance_pct"] <= within_pct and side in {None, level["side"]}
        ]
        seen += len(page["data"])
        after = page["next"]
    return sorted(found, key=lambda one: one[1]["distance_pct"])[:limit]
