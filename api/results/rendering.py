"""Results as JSON: a row is converted once for as long as all of its columns stay the same."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.http.paging import PageRequest
from api.results import views
from api.results.stored_json import format_row_error
from runtime.lru import LruDict
from schemas.http.results import ResultDetail, ResultListItem, ResultPage, ResultRow
from schemas.records import ResultRecord

_log = structlog.get_logger(__name__)

_MAX_BYTES = 16 * 2**20
"""Some 2,000 rows with their levels."""


@dataclass(frozen=True, slots=True)
class RowForm:
    """One form of a row. `schema` gives the fields: a conversion may return a model that has more."""

    convert: Callable[[ResultRecord], BaseModel]
    schema: TypeAdapter[Any]

    def render(self, record: ResultRecord) -> bytes:
        """Return the JSON. Raises ValidationError where a column of the contract is not valid."""
        return self.schema.dump_json(self.convert(record))


_NEWEST = RowForm(views.to_row, TypeAdapter(ResultRow))
_ITEM = RowForm(views.to_list_item, TypeAdapter(ResultListItem))
_FULL_ITEM = RowForm(views.to_full_item, TypeAdapter(ResultListItem))
_DETAIL = RowForm(views.to_detail, TypeAdapter(ResultDetail))


@dataclass(frozen=True, slots=True)
class RenderedRow:
    """The JSON of one row in one form; `weight`: bytes that it and its columns take."""

    body: bytes
    weight: int


class RowRenderer:
    """Renders rows, and keeps what it has rendered. The columns themselves are the key, so nothing is out of date."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._rendered: LruDict[tuple[Any, ...], RenderedRow] = LruDict(max_bytes, lambda row: row.weight)

    def render_newest(self, records: Iterable[ResultRecord]) -> bytes:
        """Return a list of rows without levels."""
        return b"[" + b",".join(self._render_all(_NEWEST, records)) + b"]"

    def render_page(
        self, records: Iterable[ResultRecord], page: PageRequest, total: int, *, with_levels: bool
    ) -> bytes:
        """Return a `ResultPage`."""
        form = _FULL_ITEM if with_levels else _ITEM
        empty = ResultPage(data=[], **page.to_fields(total)).model_dump_json().encode()
        return empty.replace(b"[]", b"[" + b",".join(self._render_all(form, records)) + b"]", 1)

    def render_detail(self, record: ResultRecord) -> bytes:
        """Return a `ResultResponse`. Raises ValidationError as `views.to_detail` does."""
        return b'{"data":' + self._render(_DETAIL, record) + b"}"

    def _render_all(self, form: RowForm, records: Iterable[ResultRecord]) -> list[bytes]:
        """Render the rows that can be shown; the others are logged with their ids."""
        rows = []
        for record in records:
            try:
                rows.append(self._render(form, record))
            except ValidationError as error:
                _log.warning("row.skipped", row=record["id"], error=format_row_error(error))
        return rows

    def _render(self, form: RowForm, record: ResultRecord) -> bytes:
        columns = tuple(record.values())
        key = (id(form), *columns)
        found = self._rendered.get(key)
        if found is None:
            body = form.render(record)
            found = RenderedRow(
                body, len(body) + sum(len(value) for value in columns if isinstance(value, str))
            )
            self._rendered.put(key, found)
        return found.body
