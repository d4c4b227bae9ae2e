"""Client of a Strandline installation: `Client` and `AsyncClient`."""

from strandline_client.async_client import AsyncClient
from strandline_client.client import Client
from strandline_client.errors import AnalysisFailed, NotFound, Refused, StrandlineError, Unavailable
from strandline_client.model import Market
from strandline_client.models import (
    Candle,
    Job,
    Level,
    LevelEvent,
    NearLevel,
    Publication,
    Result,
    ScoreParts,
    TradableMarket,
)
from strandline_client.sse import Event
from strandline_client.watch_models import (
    Fire,
    MuteHours,
    StandingQuestion,
    StandingWatch,
    Watch,
    WatchDelivery,
)

__all__ = [
    "AnalysisFailed",
    "AsyncClient",
    "Candle",
    "Client",
    "Event",
    "Fire",
    "Job",
    "Level",
    "LevelEvent",
    "Market",
    "MuteHours",
    "NearLevel",
    "NotFound",
    "Publication",
    "Refused",
    "Result",
    "ScoreParts",
    "StandingQuestion",
    "StandingWatch",
    "StrandlineError",
    "TradableMarket",
    "Unavailable",
    "Watch",
    "WatchDelivery",
]
