"""Results as JSON: a row is converted once for as long as the digest of its columns stays the same."""

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
"""Some 3,000 rows with their levels."""

_KEY_BYTES = 200


@dataclass(frozen=True, slots=True)
class RowForm:
    """One form of a row. `schema` gives the fields: a conversion may return a model that has more."""

    convert: Callable[[ResultRecord], BaseModel]
    schema: TypeAdapter[Any]

    def render(self, record: ResultRecord) -> bytes:
        """Return the JSON. Raises ValidationError where a column of the contract is not valid."""
        return self.schema.dump_json(self.convert(record))


NEWEST = RowForm(views.to_row, TypeAdapter(ResultRow))
ITEM = RowForm(views.to_list_item, TypeAdapter(ResultListItem))
FULL_ITEM = RowForm(views.to_full_item, TypeAdapter(ResultListItem))
DETAIL = RowForm(views.to_detail, TypeAdapter(ResultDetail))


class RowRenderer:
    """Renders rows, and keeps the JSON under the digest of the columns, so that nothing is out of date."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._rendered: LruDict[tuple[int, str], bytes] = LruDict(
            max_bytes, lambda body: len(body) + _KEY_BYTES
        )

    def get(self, form: RowForm, digest: str | None) -> bytes | None:
        """Return what was rendered of the row with this digest; None if it has to be read."""
        return None if digest is None else self._rendered.get((id(form), digest))

    def render(self, form: RowForm, digest: str | None, record: ResultRecord) -> bytes:
        """Return the JSON of a row. Raises ValidationError where a column of the contract is not valid."""
        return self._keep(form, digest, form.render(record))

    def render_if_valid(self, form: RowForm, digest: str | None, record: ResultRecord) -> bytes:
        """Return the JSON of a row, or nothing where it cannot be shown, which is logged with its id."""
        try:
            return self.render(form, digest, record)
        except ValidationError as error:
            _log.warning("row.skipped", row=record["id"], error=format_row_error(error))
            return self._keep(form, digest, b"")

    def _keep(self, form: RowForm, digest: str | None, body: bytes) -> bytes:
        if digest is not None:
            self._rendered.put((id(form), digest), body)
        return body


def join_rows(rows: Iterable[bytes]) -> bytes:
    """Return a list of rows."""
    return b"[" + b",".join(rows) + b"]"


def join_page(rows: Iterable[bytes], page: PageRequest, total: int) -> bytes:
    """Return a `ResultPage`."""
    empty = ResultPage(data=[], **page.to_fields(total)).model_dump_json().encode()
    return empty.replace(b"[]", join_rows(rows), 1)


def wrap_detail(row: bytes) -> bytes:
    """Return a `ResultResponse`."""
    return b'{"data":' + row + b"}"
