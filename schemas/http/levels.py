"""Response bodies of levels across markets."""

from typing import Annotated

from pydantic import Field

from schemas.http.base import ResponseModel
from schemas.level_events import LevelEvent


class LevelEventList(ResponseModel):
    """What happened at a level, newest first."""

    data: Annotated[list[LevelEvent], Field(description="The events as they were published.")]
