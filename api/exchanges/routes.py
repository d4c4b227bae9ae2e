"""`/api/v1/exchanges`: which exchanges may be asked for here."""

from fastapi import APIRouter

from api.http.dependencies import Deps
from schemas.http.markets import ExchangeList
from schemas.market import SIMULATED

router = APIRouter(prefix="/api/v1/exchanges", tags=["markets"])


@router.get("")
async def exchanges(deps: Deps) -> ExchangeList:
    """The exchanges on the allow-list; prices of the `simulated` ones are made up."""
    allowed = list(deps.settings.exchanges)
    return ExchangeList(
        data=allowed,
        default=deps.settings.exchange,
        simulated=[name for name in allowed if name == SIMULATED],
    )
