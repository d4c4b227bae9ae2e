"""The part of a watch's request bodies that concerns its notifications."""

from datetime import datetime
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from schemas.watches import (
    MAX_TARGET_NAME,
    MAX_TARGETS,
    MAX_TEMPLATE,
    MuteHours,
    WatchDelivery,
    find_template_error,
)

_TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _check_text(text: str) -> str:
    if any(ord(letter) < 32 and letter != "\n" for letter in text):
        raise ValueError("must not contain control characters other than line breaks")
    return text


def _check_template(text: str) -> str:
    if error := find_template_error(text):
        raise ValueError(error)
    return _check_text(text)


def _check_zone(name: str) -> str:
    try:
        datetime.now(ZoneInfo(name))
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{name!r} is no time zone: use an IANA name such as Europe/Berlin or UTC") from None
    return name


_TargetName = Annotated[str, Field(min_length=1, max_length=MAX_TARGET_NAME), AfterValidator(_check_text)]


class MuteHoursBody(MuteHours):
    """Hours of the day in which nothing is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Annotated[str, Field(pattern=_TIME_OF_DAY, description="First minute that is mute, `HH:MM`.")]
    end: Annotated[str, Field(pattern=_TIME_OF_DAY, description="First minute that is not, `HH:MM`.")]
    zone: Annotated[
        str,
        Field(max_length=64, description="Time zone of both, by its IANA name."),
        AfterValidator(_check_zone),
    ]

    @model_validator(mode="after")
    def _check_hours(self) -> Self:
        if self.start == self.end:
            raise ValueError("start and end are equal: choose hours, or leave mute out")
        return self


class WatchDeliveryBody(WatchDelivery):
    """How notifications about a watch are delivered. What is absent or null is as for every other watch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    targets: Annotated[
        Annotated[tuple[_TargetName, ...], Field(min_length=1, max_length=MAX_TARGETS)] | None,
        Field(
            description="Names of the targets to deliver to, as `GET /api/v1/targets` has them; null for all."
        ),
    ] = None
    template: Annotated[
        Annotated[str, Field(min_length=1, max_length=MAX_TEMPLATE), AfterValidator(_check_template)] | None,
        Field(
            description="Message about a fire. Placeholders: `{symbol}`, `{exchange}`, `{market_type}`, `{side}`, "
            "`{condition}`, `{target}`, `{price}`, `{note}`, `{timeframe}`, `{time}`; `{{` is a brace."
        ),
    ] = None
    mute: Annotated[
        MuteHoursBody | None,
        Field(description="Hours in which fires are recorded and shown, but not sent, then or later."),
    ] = None

    def to_stored(self) -> dict[str, Any] | None:
        """Return what the table stores; None where everything is as for other watches."""
        return self.model_dump(mode="json", exclude_none=True) or None
