"""A walk through all results in the order of their ids, for callers that want the levels of every market."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Response

from api.http.dependencies import Dependencies
from api.http.paging import PageRequest
from api.http.parameters import DEFAULT_PAGE_SIZE, TextParam, clamp
from api.http.problems import ProblemError
from api.results import queries, views
from api.results.selection import ResultFilter
from schemas.http.results import ResultListItem, ResultPage
from schemas.records import ResultRecord

MAX_STEP = 500
"""Results in one answer: with their levels some 2 MB, or 0.3 MB compressed."""

_CHUNK = 25
"""Rows that are converted without a pause, which takes a few milliseconds."""

_MAX_ID_DIGITS = 18

IncludeParam = Annotated[
    TextParam, Query(description="`levels` adds the levels of each result.", examples=["levels"])
]
AfterParam = Annotated[
    TextParam,
    Query(description="Cursor: `next` of an earlier answer. The first results have a larger one than `0`."),
]


def parse_include(text: str | None) -> bool:
    """Return whether levels are requested. Raises ProblemError (422) for other names."""
    names = {part.strip() for part in (text or "").split(",")} - {""}
    if unknown := names - {"levels"}:
        raise ProblemError(422, f"include: unknown {', '.join(sorted(unknown))[:80]!r}: use levels")
    return bool(names)


def parse_after(text: str | None) -> int:
    """Return the id in a cursor; 0 without one. Raises ProblemError (422) for a text that is no cursor."""
    if text is None:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_ID_DIGITS):
        raise ProblemError(422, f"after: {text[:60]!r} is no cursor: pass next of an earlier answer")
    return int(text)


async def respond_after(
    deps: Dependencies, where: ResultFilter, after: int, size: int | None, *, with_levels: bool
) -> Response:
    """Return the results that follow the id `after`, and the cursor of those that follow them."""
    step = PageRequest(1, clamp(size, default=DEFAULT_PAGE_SIZE, maximum=MAX_STEP))
    records, total = await queries.list_results_after(deps.reader, where, after, limit=step.size + 1)
    shown, rest = records[: step.size], records[step.size :]
    answer = ResultPage(
        data=await _convert(shown, with_levels=with_levels),
        # By the record, which may be one that cannot be shown.
        next=str(shown[-1]["id"]) if rest else None,
        **step.to_fields(total),
    )
    return Response(answer.model_dump_json(), media_type="application/json")


async def _convert(records: Sequence[ResultRecord], *, with_levels: bool) -> list[ResultListItem]:
    items: list[ResultListItem] = []
    for start in range(0, len(records), _CHUNK):
        items += views.to_list_items(records[start : start + _CHUNK], with_levels=with_levels)
        await asyncio.sleep(0)  # other calls are served in between
    return items
