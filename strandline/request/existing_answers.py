"""Find the answer to a request id that has completed already, in the database or on the topics."""

from datetime import UTC, datetime, timedelta

from api.jobs.queries import get_job
from api.results.queries import get_result
from api.results.views import to_detail
from broker.ports import Broker
from runtime.errors import StrandlineError
from schemas.events import AnalysisCompleted
from schemas.http.results import ResultDetail
from schemas.requests import AnalysisRequested
from schemas.topics import RESULTS
from storage.database import open_database
from storage.database_errors import translate_errors

RESULTS_RETENTION = timedelta(days=7)
"""The topic of results keeps every record for this long."""


class RequestIdTaken(StrandlineError):
    """The id belongs to a request for another market, whose answer would be mistaken for this one's."""

    def __init__(self, request: AnalysisRequested, market: str) -> None:
        super().__init__(
            f"request_id {request.request_id} belongs to a request for {market}: choose another id"
        )


async def find_in_database(url: str, request: AnalysisRequested) -> ResultDetail | None:
    """Return the row of a request that completed. Raises RequestIdTaken, Transient, ConfigurationError."""
    engine = open_database(url)
    try:
        with translate_errors():
            job = await get_job(engine, request.request_id)
            if job is not None and job["market"] not in {None, request.market.key}:
                raise RequestIdTaken(request, job["market"])
            if job is None or job["status"] != "completed" or job["result_id"] is None:
                return None
            row = await get_result(engine, job["result_id"])
    finally:
        await engine.dispose()
    return to_detail(row) if row is not None else None


async def find_on_topic(broker: Broker, request: AnalysisRequested) -> AnalysisCompleted | None:
    """Return the newest result on the topic that names the request. Raises RequestIdTaken, Transient."""
    needle, found = f'"{request.request_id}"'.encode(), None
    async with broker.read([RESULTS.name], datetime.now(UTC) - RESULTS_RETENTION) as reader:
        records = aiter(reader)
        while not await reader.is_caught_up():
            record = await anext(records)
            # Searched as bytes first, because parsing every result would be slower.
            if record.value is not None and needle in record.value:
                event = AnalysisCompleted.model_validate_json(record.value)
                found = event if request.request_id in event.request_ids else found
    if found is not None and found.market.key != request.market.key:
        raise RequestIdTaken(request, found.market.key)
    return found
