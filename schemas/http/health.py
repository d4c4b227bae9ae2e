"""Response body of the health check."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.http.base import ResponseModel


class HealthStatus(ResponseModel):
    """The state of this process and of the services that it needs."""

    status: Annotated[Literal["ok"], Field(description="Always `ok`: this process answers.")] = "ok"
    version: Annotated[str, Field(description="Version of Strandline.")]
    database: Annotated[bool, Field(description="Whether the database is reachable.")]
    broker: Annotated[bool, Field(description="Whether the broker is reachable.")]
    watches_blind: Annotated[
        int | None,
        Field(description="Number of active watches without a known price; null while the database is away."),
    ]
