"""Whether a request of this id has completed already: asked of the database where one is set, else of the topics."""

from datetime import UTC, datetime, timedelta

from api.results import queries, rows
from broker.ports import Broker
from runtime.errors import StrandlineError
from schemas.events import AnalysisCompleted
from schemas.http.results import ResultDetail
from schemas.requests import AnalysisRequested
from schemas.topics import RESULTS
from storage.database import open_database
from storage.database_errors import translated

KEPT = timedelta(days=7)
"""So long the topic of results keeps every one of them."""


class AnothersId(StrandlineError):
    """The id belongs to a request for another market, whose answer would be taken for this one's."""

    def __init__(self, request: AnalysisRequested, market: str) -> None:
        super().__init__(f"request_id {request.request_id} belongs to a request for {market}: choose another")


async def in_database(url: str, request: AnalysisRequested) -> ResultDetail | None:
    """The row of a request that completed. Raises AnothersId, Transient, ConfigurationError."""
    engine = open_database(url)
    try:
        with translated():
            job = await queries.job(engine, request.request_id)
            if job is not None and job["market"] not in {None, request.market.key}:
                raise AnothersId(request, job["market"])
            if job is None or job["status"] != "completed" or job["result_id"] is None:
                return None
            row = await queries.result(engine, job["result_id"])
    finally:
        await engine.dispose()
    return rows.row_with_levels(row) if row is not None else None


async def on_topic(broker: Broker, request: AnalysisRequested) -> AnalysisCompleted | None:
    """The newest result that names the request, of those that lie there now. Raises AnothersId, Transient."""
    wanted, found = f'"{request.request_id}"'.encode(), None
    async with broker.read([RESULTS.name], datetime.now(UTC) - KEPT) as reader:
        records = aiter(reader)
        while not await reader.is_caught_up():
            record = await anext(records)
            # Looked for as bytes first: a topic of many results is read faster than it is parsed.
            if record.value is not None and wanted in record.value:
                event = AnalysisCompleted.model_validate_json(record.value)
                found = event if request.request_id in event.request_ids else found
    if found is not None and found.market.key != request.market.key:
        raise AnothersId(request, found.market.key)
    return found
