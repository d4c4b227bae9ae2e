"""The SELECTs of results, each built once for every combination of filters. Pure.

SQLAlchemy needs longer to build one of them than MySQL to carry it out. So values are parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, case, func, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from api.reading import select_columns
from schemas.tables import analysis_results
from storage.row_digest import digest_row

Columns = ReadOnlyColumnCollection[str, Any]
Names = tuple[str, ...]
"""The filters that are set, in the order of the fields."""

TOTAL = "matching_results"
"""The column with the number of all that match, beside the columns of a row."""

DIGEST = "row_digest"
"""The column with the digest of a row, beside its other columns."""

_RESULTS = analysis_results.c
_DIGEST = digest_row(analysis_results).label(DIGEST)
_ESCAPE = "/"
_LIMIT: BindParameter[int] = bindparam("limit", type_=_RESULTS.input_limit.type)
_OFFSET: BindParameter[int] = bindparam("offset", type_=_RESULTS.input_limit.type)


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """Which results to select; None means no filter. `symbol` is normalized by `normalize_query`."""

    symbol: str | None = None
    exchange: str | None = None
    market_type: str | None = None
    timeframe: str | None = None

    @property
    def names(self) -> Names:
        return tuple(name for name in self.__slots__ if getattr(self, name) is not None)

    @property
    def values(self) -> Mapping[str, str]:
        """The parameters of the statements."""
        convert = {
            "symbol": lambda text: text,
            # Compared by bytes: 1m is not 1M, whatever the collation of an adopted table is.
            "timeframe": lambda text: text.strip().encode().hex().upper(),
        }
        values = {
            name: convert.get(name, lambda text: text.strip().lower())(getattr(self, name))
            for name in self.names
        }
        return values if self.symbol is None else values | {"part": _to_pattern(self.symbol)}


@lru_cache
def find_page(names: Names) -> Select[Any]:
    """Select the ids and digests of one page in order.

    A sort of whole rows would read and move the levels of all that match, so their order is found without digests.
    """
    ids = select(_RESULTS.id).where(*_build_conditions(names)).order_by(*_build_order(names, _RESULTS))
    return _select_digests(ids.offset(_OFFSET).limit(_LIMIT), names)


@lru_cache
def search_page(names: Names, *, among_candidates: bool = False) -> Select[Any]:
    """As `find_page`, with their number as TOTAL: one scan instead of two, for filters that no index helps.

    With `among_candidates` only the rows `candidates` and those beyond `last_id` are looked at.
    """
    total = func.count().over().label(TOTAL)
    ids = select(_RESULTS.id, total).where(*_build_conditions(names)).order_by(*_build_order(names, _RESULTS))
    if among_candidates:
        # Written into the statement: hundreds of parameters take the driver longer than the search.
        numbers: BindParameter[int] = bindparam("candidates", expanding=True, literal_execute=True)
        candidates = _RESULTS.id.in_(numbers)
        ids = ids.where(or_(candidates, _RESULTS.id > bindparam("last_id", type_=_RESULTS.id.type)))
    return _select_digests(ids.offset(_OFFSET).limit(_LIMIT), names)


@lru_cache
def select_after(names: Names) -> Select[Any]:
    """Select the first results with a larger id than `after`, by id."""
    after = _RESULTS.id > bindparam("after", type_=_RESULTS.id.type)
    rows = select_columns(analysis_results).where(*_build_conditions(names), after)
    return rows.order_by(_RESULTS.id).limit(_LIMIT)


@lru_cache
def count_matching(names: Names) -> Select[int]:
    """Select the number of all that match."""
    return select(func.count()).select_from(analysis_results).where(*_build_conditions(names))


@lru_cache
def find_newest(names: Names) -> Select[Any]:
    """Select the ids and digests of the newest results, of the whole `symbol` where that is set."""
    newest = select(_RESULTS.id, _DIGEST).order_by(_RESULTS.updated_at.desc(), _RESULTS.id.desc())
    if "symbol" in names:
        newest = newest.where(_is_symbol(_RESULTS))
    return newest.limit(_LIMIT)


@lru_cache
def find_by_id() -> Select[Any]:
    """Select the id and the digest of the result with the id `result_id`."""
    return select(_RESULTS.id, _DIGEST).where(_RESULTS.id == bindparam("result_id"))


@lru_cache
def select_by_ids() -> Select[Any]:
    """Select the results with one of `ids`, each with its digest."""
    found = select_columns(analysis_results).add_columns(_DIGEST)
    return found.where(_RESULTS.id.in_(bindparam("ids", expanding=True)))


@lru_cache
def select_by_id() -> Select[Any]:
    """Select the result with the id `result_id`."""
    return select_columns(analysis_results).where(_RESULTS.id == bindparam("result_id"))


def _select_digests(ids: Select[Any], names: Names) -> Select[Any]:
    page, rows = ids.subquery("page"), analysis_results.alias("result")
    selected = select(rows.c.id, digest_row(rows).label(DIGEST)).select_from(
        rows.join(page, rows.c.id == page.c.id)
    )
    if TOTAL in page.c:
        selected = selected.add_columns(page.c[TOTAL])
    return selected.order_by(*_build_order(names, rows.c))


def _build_order(names: Names, result: Columns) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = [result.updated_at.desc(), result.id.desc()]
    if "symbol" in names:
        order.insert(0, case((_is_symbol(result), 0), else_=1))
    return order


def _build_conditions(names: Names) -> list[ColumnElement[bool]]:
    conditions: dict[str, ColumnElement[bool]] = {
        "symbol": _plain_symbol(_RESULTS).like(bindparam("part"), escape=_ESCAPE),
        "exchange": func.lower(_RESULTS.exchange) == bindparam("exchange"),
        "market_type": func.lower(_RESULTS.market_type) == bindparam("market_type"),
        "timeframe": func.hex(_RESULTS.timeframe) == bindparam("timeframe"),
    }
    return [conditions[name] for name in names]


def _is_symbol(result: Columns) -> ColumnElement[bool]:
    return _plain_symbol(result) == bindparam("symbol")


def _plain_symbol(result: Columns) -> ColumnElement[str]:
    plain: ColumnElement[str] = result.symbol
    for separator in "/-_":
        plain = func.replace(plain, separator, "")
    return func.upper(plain)


def _to_pattern(part: str) -> str:
    for special in (_ESCAPE, "%", "_"):
        part = part.replace(special, _ESCAPE + special)
    return f"%{part}%"
