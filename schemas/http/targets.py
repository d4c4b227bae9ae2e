"""Response bodies of the notifier's targets."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.http.base import ResponseModel
from schemas.values import Time

TargetState = Literal["ok", "failing", "gone"]


class NotificationTarget(ResponseModel):
    """Where fires are delivered. Its address and its secret are in the notifier's settings only."""

    name: Annotated[str, Field(description="Name of the target, as `delivery.targets` of a watch has it.")]
    kind: Annotated[str, Field(description="Service behind it, such as `webhook` or `telegram`.")]
    state: Annotated[
        TargetState,
        Field(
            description="`ok` or `failing` by the last delivery; `gone`: it answered 410, and nothing more is sent "
            "to it until its address is changed or it accepts a test. The set may grow."
        ),
    ]
    seen_at: Annotated[Time, Field(description="Time at which the notifier last reported it.")]
    delivered_at: Annotated[Time | None, Field(description="Time of the last delivery.")]
    error: Annotated[str | None, Field(description="Why the last delivery failed.")]
    address_hash: Annotated[
        str | None,
        Field(
            description="Fingerprint of its address, by a secret key: it shows whether it changed; null if unknown."
        ),
    ]
    gone_at: Annotated[
        Time | None, Field(description="Time at which it answered 410 Gone, if nothing is sent to it.")
    ]


class TargetList(ResponseModel):
    """The targets of the notifier."""

    data: Annotated[list[NotificationTarget], Field(description="The targets, by name.")]


class TargetTestOutcome(ResponseModel):
    """How a test ended."""

    name: Annotated[str, Field(description="Name of the target.")]
    delivered: Annotated[bool, Field(description="Whether the target accepted the test.")]
    error: Annotated[str | None, Field(description="Why it did not.")]
