"""What the payloads of all events share: their base, the fields that name an instrument, and how ids are made."""

import uuid
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.market import MarketType

_NAMESPACE = uuid.UUID("5f0c2f5e-3a0b-5d57-9d0f-7a1d1b6f7c11")

Exchange = Annotated[str, Field(description="The exchange.", examples=["binance"])]
InstrumentType = Annotated[
    MarketType, Field(description="`spot`, or `future`: the linear perpetual. The set may grow.")
]
Symbol = Annotated[str, Field(description="The symbol in stored form.", examples=["BTCUSDT"])]


class Payload(BaseModel):
    """Base of all payloads. Unknown fields are ignored, so that an older reader accepts a newer writer's events."""

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)


def make_event_id(*parts: str) -> str:
    """Return the UUIDv5 of the parts: equal parts give an equal id on every machine."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))
