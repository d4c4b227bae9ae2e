"""Answers that are made of rows: it finds the rows of an answer by their digests, and reads those it does not know."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.http.paging import PageRequest
from api.reading import open_read
from api.results import queries, rendering
from api.results.queries import FoundRow
from api.results.rendering import RowForm, RowRenderer
from api.results.selection import ResultFilter
from api.results.symbol_search import SymbolSearch
from runtime.clock import Clock


class RowReader:
    """Reads results as JSON. Every read asks the database, and shows what is committed by then.

    All reads raise Transient while the database is away.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._renderer = RowRenderer()
        self.symbols = SymbolSearch(engine, clock)

    async def read_newest(self, symbol: str | None, *, limit: int) -> bytes:
        """Return a list of rows without levels, the newest first."""
        async with open_read(self._engine) as connection:
            found = await queries.find_newest(connection, symbol, limit=limit)
            return rendering.join_rows(await self._read_all(connection, rendering.NEWEST, found))

    async def read_page(self, where: ResultFilter, page: PageRequest, *, with_levels: bool) -> bytes:
        """Return a `ResultPage`."""
        form = rendering.FULL_ITEM if with_levels else rendering.ITEM
        candidates = self.symbols.find(where.symbol) if where.symbol is not None else None
        async with open_read(self._engine) as connection:
            found, total = await queries.find_page(
                connection, where, offset=page.offset, limit=page.size, candidates=candidates
            )
            return rendering.join_page(await self._read_all(connection, form, found), page, total)

    async def read_detail(self, result_id: int) -> bytes | None:
        """Return a `ResultResponse`; None if there is no such row.

        Raises ValidationError where a column of the contract is not valid.
        """
        async with open_read(self._engine) as connection:
            found = await queries.find_by_id(connection, result_id)
            if found is None:
                return None
            if (known := self._renderer.get(rendering.DETAIL, found.digest)) is not None:
                return rendering.wrap_detail(known)
            for digest, record in await queries.read_rows(connection, [result_id]):
                return rendering.wrap_detail(self._renderer.render(rendering.DETAIL, digest, record))
        return None

    async def _read_all(
        self, connection: AsyncConnection, form: RowForm, found: Sequence[FoundRow]
    ) -> list[bytes]:
        """Return the rows in the order of `found`, without those that cannot be shown or are gone by now."""
        rows = {row.id: self._renderer.get(form, row.digest) for row in found}
        if unknown := [row_id for row_id, body in rows.items() if body is None]:
            for digest, record in await queries.read_rows(connection, unknown):
                rows[record["id"]] = self._renderer.render_if_valid(form, digest, record)
        return [body for body in rows.values() if body]
