"""Response bodies about dead letters. Bytes are encoded in base64, because invalid records need not be text."""

from typing import Annotated

from pydantic import Field

from schemas.http.base import ResponseModel
from schemas.values import Time


class DeadLetterHeader(ResponseModel):
    """One header of a record."""

    name: Annotated[str, Field(description="Name of the header.")]
    value: Annotated[str, Field(description="Value of the header, in base64.")]


class DeadLetter(ResponseModel):
    """A record that could not be processed. What does not follow from its headers is null."""

    address: Annotated[str, Field(description="`partition:offset` on the topic of dead letters.")]
    topic: Annotated[str | None, Field(description="Topic that the record comes from.")]
    partition: Annotated[str | None, Field(description="Partition that the record comes from.")]
    offset: Annotated[str | None, Field(description="Offset that the record comes from.")]
    error: Annotated[str | None, Field(description="Why it could not be processed.")]
    time: Annotated[str | None, Field(description="Time at which it became a dead letter.")]
    arrived_at: Annotated[Time, Field(description="Timestamp of the record on the topic of dead letters.")]
    key: Annotated[str | None, Field(description="Key of the record, in base64.")]
    value: Annotated[str | None, Field(description="Value of the record, in base64; truncated in lists.")]
    value_bytes: Annotated[int, Field(description="Length of the whole value in bytes.")]
    headers: Annotated[list[DeadLetterHeader], Field(description="Headers of the record.")]


class DeadLetterList(ResponseModel):
    """The newest dead letters, in ascending order of arrival."""

    data: Annotated[list[DeadLetter], Field(description="The dead letters.")]
    total: Annotated[int, Field(description="Number of dead letters on the topic.")]


class DeadLetterResponse(ResponseModel):
    """One dead letter with its whole value."""

    data: Annotated[DeadLetter, Field(description="The dead letter.")]


class DeadLetterReplay(ResponseModel):
    """The outcome of a replay."""

    published: Annotated[int, Field(description="Number of records published again.")]
    failed: Annotated[list[str], Field(description="For each of the others, why it cannot be published.")]


class DeadLetterSpan(ResponseModel):
    """A range of dead letters of one partition."""

    partition: Annotated[int, Field(description="Partition of the topic of dead letters.")]
    first: Annotated[int, Field(description="Offset of the first dead letter.")]
    last: Annotated[int, Field(description="Offset of the last dead letter.")]
    letters: Annotated[int, Field(description="Number of dead letters in the range.")]


class DeadLetterSpanList(ResponseModel):
    """Ranges of dead letters, one a partition."""

    data: Annotated[list[DeadLetterSpan], Field(description="The ranges.")]
