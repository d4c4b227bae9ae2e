"""Response bodies about the stream of events."""

from typing import Annotated

from pydantic import Field

from schemas.http.base import ResponseModel, with_example
from schemas.values import Time


class StreamTicket(ResponseModel):
    """A ticket for the stream."""

    model_config = with_example(
        ticket=f"5f0c2a9be417.1795350660.{'0c' * 32}", expires_at="2026-11-22T12:31:00Z"
    )

    ticket: Annotated[str | None, Field(description="The ticket; null where the stream needs no key.")]
    expires_at: Annotated[Time | None, Field(description="Time until which it opens the stream.")]
