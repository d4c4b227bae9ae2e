"""Client of a Strandline installation: `Client` and `AsyncClient`."""

from strandline_client.async_client import AsyncClient
from strandline_client.client import Client
from strandline_client.errors import AnalysisFailed, NotFound, Refused, StrandlineError, Unavailable
from strandline_client.models import (
    Candle,
    Fire,
    Job,
    Level,
    LevelEvent,
    NearLevel,
    Publication,
    Result,
    Watch,
)
from strandline_client.sse import Event

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
    "NearLevel",
    "NotFound",
    "Publication",
    "Refused",
    "Result",
    "StrandlineError",
    "Unavailable",
    "Watch",
]
