"""Where the candles of each exchange begin, as its own results show."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.calendar import VARYING, phase_of_candle
from schemas.tables import analysis_results

_RESULTS = analysis_results.c


async def load_phases(connection: AsyncConnection) -> dict[tuple[str, str], int]:
    """Return the phase (ms) of the newest result of each exchange and timeframe whose phase may vary."""
    newest = func.max(_RESULTS.candle_at)
    rows = await connection.execute(
        select(_RESULTS.exchange, _RESULTS.timeframe, newest)
        .where(_RESULTS.timeframe.in_(VARYING), _RESULTS.candle_at.is_not(None))
        .group_by(_RESULTS.exchange, _RESULTS.timeframe)
    )
    phases = {
        (exchange, timeframe): phase_of_candle(opened, timeframe) for exchange, timeframe, opened in rows
    }
    return {key: phase for key, phase in phases.items() if phase is not None}
