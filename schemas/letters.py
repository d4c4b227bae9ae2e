"""What `/api/v1/dead-letters` answers. Bytes are written in base64: what nobody could read need not be text."""

from typing import Annotated

from pydantic import Field

from schemas.values import Time
from schemas.views import View

Bytes = Annotated[str, Field(description="base64")]


class Header(View):
    name: str
    value: Bytes


class DeadLetter(View):
    """`address` is where it lies; `topic`, `partition` and `offset` where it came from, if it says so.

    `value_bytes` is how long the value is: lists show only its beginning.
    """

    address: str
    topic: str | None
    partition: str | None
    offset: str | None
    error: str | None
    time: str | None
    arrived_at: Time
    key: Bytes | None
    value: Bytes | None
    value_bytes: int
    headers: list[Header]


class DeadLetters(View):
    """The newest, oldest first; `total` is how many there are."""

    data: list[DeadLetter]
    total: int


class OneDeadLetter(View):
    data: DeadLetter


class ReplayedLetters(View):
    """How many were published again; and of the others, why nobody can publish them."""

    published: int
    failed: list[str]


class LetterSpan(View):
    """Letters of one partition, from the offset `first` to `last`."""

    partition: int
    first: int
    last: int
    letters: int


class LetterSpans(View):
    data: list[LetterSpan]
