"""What a picture of levels shows of the candles, and where its labels stand."""

import warnings
from dataclasses import astuple
from io import BytesIO

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.font_manager import get_font
from matplotlib.image import imread

from api.chart_image.chart import ChartStyle, Language, LevelChart, Theme
from api.chart_image.plot import MIN_CANDLES, Label, LevelPlot, crop_history, nearest_labels, spread_heights
from api.chart_image.style import CHINESE_FONT, COLOURS, WORDS
from consumers.analyzer.events import build_completed
from levels import Candles, Params, analyze
from levels.evaluation.synthetic import make_planted_market, make_random_walk
from schemas.events import Level
from schemas.market import Market
from schemas.values import from_ms
from tests.unit.api.fakes import NOW

LINE = 0.024


def find_levels(candles: Candles) -> tuple[Level, ...]:
    market = Market.of("sim", "BTCUSDT", "spot", "1h")
    return build_completed(analyze(candles), market, ["a"], NOW)[0].levels


def test_crop_history_begins_before_the_first_touch_of_a_level() -> None:
    candles = make_planted_market(1).candles
    levels = find_levels(candles)
    shown = crop_history(candles, levels)
    assert from_ms(int(shown.time[0])) <= min(level.first_touch_at for level in levels)
    assert shown.time[-1] == candles.time[-1]
    assert len(shown) >= MIN_CANDLES


def test_crop_history_keeps_every_candle_without_levels() -> None:
    candles = make_planted_market(1).candles
    assert crop_history(candles, ()) is candles


@pytest.mark.parametrize("heights", [[], [0.5], [0.1, 0.5, 0.9], [0.97, 0.98, 0.99, 1.0], [0.3] * 10])
def test_spread_heights_are_a_line_apart_and_below_the_top(heights: list[float]) -> None:
    spread = spread_heights(heights, LINE)
    assert len(spread) == len(heights)
    assert all(np.diff(spread) >= LINE - 1e-9)
    assert all(height <= 1.0 for height in spread)
    if heights == [0.1, 0.5, 0.9]:
        assert spread == heights


def test_nearest_labels_leave_out_the_farthest_where_room_is_short() -> None:
    labels = [Label(price, "support", f"{price}") for price in (50.0, 90.0, 99.0, 103.0, 150.0)]
    assert [label.price for label in nearest_labels(labels, 100.0, 3)] == [90.0, 99.0, 103.0]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_plot_has_the_size_and_the_ground_of_its_style(theme: Theme, language: Language) -> None:
    candles = make_planted_market(1).candles
    chart = LevelChart(title="BTCUSDT", last_price=float(candles.close[-1]), levels=find_levels(candles))
    file = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a character that no font has
        LevelPlot(chart, ChartStyle(theme=theme, language=language, width=640, height=360)).save(
            candles, file
        )
    file.seek(0)
    image = imread(file)
    assert image.shape[:2] == (360, 640)
    assert to_hex(tuple(image[-1, 0, :3].tolist())) == COLOURS[theme].ground


@pytest.mark.parametrize(("kind", "beginning"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_plot_is_written_in_the_format_asked_for(kind: str, beginning: bytes) -> None:
    candles, file = make_planted_market(1).candles, BytesIO()
    chart = LevelChart(title="planted", last_price=float(candles.close[-1]), levels=find_levels(candles))
    LevelPlot(chart, ChartStyle()).save(candles, file, kind)
    assert file.getvalue().startswith(beginning)
    assert len(file.getvalue()) > 10_000


def test_plot_shows_why_there_are_no_levels() -> None:
    candles, drawn, silent = make_random_walk(1, 11), BytesIO(), BytesIO()
    answer = analyze(candles, Params(min_touches=1000))
    assert answer.reason
    for file, note in ((drawn, answer.reason), (silent, None)):
        chart = LevelChart(title="walk", last_price=float(candles.close[-1]), levels=(), note=note)
        LevelPlot(chart, ChartStyle()).save(candles, file)
    assert drawn.getvalue() != silent.getvalue()


def test_chinese_font_has_every_character_of_the_words() -> None:
    known = get_font(str(CHINESE_FONT)).get_charmap()
    assert {letter for text in astuple(WORDS["zh"]) for letter in text if not letter.isascii()} <= {
        chr(code) for code in known
    }
