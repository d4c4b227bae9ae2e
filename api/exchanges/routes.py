"""`/api/v1/exchanges`: the exchanges that requests may name."""

from fastapi import APIRouter

from api.http.dependencies import Deps
from schemas.http.markets import ExchangeList
from schemas.market import SIMULATED

router = APIRouter(prefix="/api/v1/exchanges", tags=["markets"])


@router.get("", operation_id="listExchanges", summary="List exchanges")
async def list_exchanges(deps: Deps) -> ExchangeList:
    """List the exchanges on the allow-list. Prices of `simulated` exchanges are not real."""
    names = list(deps.settings.exchanges)
    return ExchangeList(
        data=names,
        default=deps.settings.exchange,
        simulated=[name for name in names if name == SIMULATED],
    )
