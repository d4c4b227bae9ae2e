"""`strandline evaluate` and the pictures, on small synthetic series."""

import io
import json
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from levels import Params, analyze
from levels.evaluation.synthetic import planted, walk
from levels.rates import Rate
from strandline.evaluate.command import SYNTHETIC, synthetic
from strandline.evaluate.tables import rates_module, run

pytest.importorskip("matplotlib")
PNG = b"\x89PNG"


def test_an_evaluation_prints_saves_and_draws(tmp_path: Path) -> None:
    said = io.StringIO()
    series = {f"walk-{seed}": walk(seed, 900) for seed in range(3)}
    rates = tmp_path / "rates.py"
    found = run(series, console=Console(file=said, width=120), out=tmp_path / "out", rates=rates)
    text = said.getvalue()
    assert "hold rates against placebos" in text
    assert "no repainting" in text
    assert found.repainted[1] == 0
    saved = json.loads((tmp_path / "out" / "evaluation.json").read_bytes())
    assert saved["worth"]["race"]["moment"]["n"] == found.worth["race"]["moment"].n
    assert (tmp_path / "out" / "evaluation.png").read_bytes().startswith(PNG)
    names: dict[str, tuple[Rate, ...]] = {}
    exec(rates.read_text(), names)  # noqa: S102 - what it writes is a module
    assert names["RATES"] == found.rates


def test_the_module_of_rates_says_what_they_were_measured_on() -> None:
    text = rates_module([Rate(0.0, float("inf"), 0.5, 0.4, 300)], {"some": walk(1, 50)})
    assert "some (50)" in text
    assert 'Rate(0.0, float("inf"), p_hold=0.5, placebo=0.4, n=300)' in text


@pytest.mark.parametrize("name", SYNTHETIC)
def test_synthetic_series_share_no_time(name: str) -> None:
    series = list(synthetic(name).values())
    assert all(a.time[-1] < b.time[0] for a, b in pairwise(series))


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_an_analysis_is_drawn(tmp_path: Path, kind: str) -> None:
    from strandline.plot import draw  # noqa: PLC0415 - matplotlib

    candles = planted(1).candles
    file = tmp_path / f"levels.{kind}"
    draw(candles, analyze(candles), file, Params(), "planted")
    assert file.stat().st_size > 10_000


def test_an_analysis_without_levels_is_drawn_with_the_reason(tmp_path: Path) -> None:
    from strandline.plot import draw  # noqa: PLC0415 - matplotlib

    candles = walk(1, 11)
    answer = analyze(candles, Params(max_ratio=1.0000001))
    assert answer.reason
    draw(candles, answer, tmp_path / "none.png")
    assert (tmp_path / "none.png").read_bytes().startswith(PNG)
