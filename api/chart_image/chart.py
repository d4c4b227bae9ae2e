"""What a level chart shows, as it is handed from the API to the process that draws it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.events import Level

Theme = Literal["light", "dark"]
Language = Literal["en", "zh"]

MIN_WIDTH, DEFAULT_WIDTH, MAX_WIDTH = 320, 1_200, 2_400
MIN_HEIGHT, DEFAULT_HEIGHT, MAX_HEIGHT = 240, 675, 1_600


class ChartStyle(BaseModel):
    """How a chart looks; `width` and `height` in pixels."""

    model_config = ConfigDict(frozen=True)

    theme: Theme = "light"
    language: Language = "en"
    width: Annotated[int, Field(ge=MIN_WIDTH, le=MAX_WIDTH)] = DEFAULT_WIDTH
    height: Annotated[int, Field(ge=MIN_HEIGHT, le=MAX_HEIGHT)] = DEFAULT_HEIGHT


class LevelChart(BaseModel):
    """Levels and their title. `prices`: levels without evidence, which another backend wrote, by side."""

    model_config = ConfigDict(frozen=True)

    title: str
    last_price: float
    levels: tuple[Level, ...]
    prices: tuple[tuple[Literal["support", "resistance"], float], ...] = ()
    note: str | None = None
    """Why there are no levels."""


class DrawingJob(BaseModel):
    """The first line that the drawing process reads; `candles`: how many follow, column by column."""

    chart: LevelChart
    style: ChartStyle
    candles: int
