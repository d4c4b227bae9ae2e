"""Bodies about Web Push."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.http.base import ResponseModel

_BASE64URL = r"^[A-Za-z0-9_-]+={0,2}$"
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


class PushKeys(BaseModel):
    """The keys of a subscription, as the browser gives them."""

    model_config = ConfigDict(frozen=True)

    p256dh: Annotated[
        str, Field(min_length=87, max_length=88, pattern=_BASE64URL, description="Public key of the browser.")
    ]
    auth: Annotated[
        str,
        Field(min_length=22, max_length=24, pattern=_BASE64URL, description="Secret of the subscription."),
    ]


class PushSubscriptionBody(BaseModel):
    """A subscription: what `PushSubscription.toJSON()` returns in a browser."""

    model_config = ConfigDict(frozen=True)

    endpoint: Annotated[
        str, Field(min_length=10, max_length=2_048, description="https URL of the browser's push service.")
    ]
    keys: PushKeys = Field(description="Keys by which messages are encrypted for the browser.")

    @field_validator("endpoint")
    @classmethod
    def _check_endpoint(cls, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        usual = parts.scheme == "https" and parts.hostname and parts.port in {None, 443}
        if not usual or parts.username or not _PRINTABLE.fullmatch(endpoint):
            raise ValueError("must be an https URL on port 443, without a user")
        return endpoint


class PushSettings(ResponseModel):
    """Whether browsers can subscribe."""

    public_key: Annotated[
        str | None,
        Field(
            description="The server's key for `applicationServerKey`, in base64url; null without Web Push."
        ),
    ]


class PushSubscribed(ResponseModel):
    """A stored subscription."""

    id: Annotated[
        str, Field(description="Id by which it is deleted: the SHA-256 of its endpoint, in hexadecimal.")
    ]
