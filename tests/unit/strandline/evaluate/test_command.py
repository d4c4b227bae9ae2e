"""`strandline evaluate` and the pictures, on small synthetic series."""

import io
import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from levels import hold_rates
from levels.evaluation.synthetic import make_random_walk
from levels.hold_rates import HoldRate
from runtime.errors import ConfigurationError
from strandline.evaluate.command import evaluate_series
from strandline.evaluate.measured_block import format_hold_rates, replace_measured_block
from strandline.evaluate.sources import SYNTHETIC, make_synthetic_series

pytest.importorskip("matplotlib")
PNG = b"\x89PNG"


def test_evaluate_prints_saves_and_draws(tmp_path: Path) -> None:
    output = io.StringIO()
    series = {f"walk-{seed}": make_random_walk(seed, 900) for seed in range(3)}
    rates = tmp_path / "rates.py"
    shutil.copy(hold_rates.__file__, rates)
    found = evaluate_series(
        series, console=Console(file=output, width=120), out=tmp_path / "out", rates=rates
    )
    text = output.getvalue()
    assert "hold rates against placebos" in text
    assert "no repainting" in text
    assert found.repainted[1] == 0
    saved = json.loads((tmp_path / "out" / "evaluation.json").read_bytes())
    assert saved["edges"]["race"]["moment"]["n"] == found.edges["race"]["moment"].n
    assert (tmp_path / "out" / "evaluation.png").read_bytes().startswith(PNG)
    assert format_hold_rates(found.rates, series) in rates.read_text()
    compile(rates.read_text(), "rates.py", "exec")


def test_hold_rates_block_lists_the_series_measured() -> None:
    text = format_hold_rates([HoldRate(0.0, float("inf"), 0.5, 300)], {"some": make_random_walk(1, 50)})
    assert "some (50)" in text
    assert 'Rate(0.0, float("inf"), p_hold=0.5, n=300)' in text


def test_measured_block_is_required(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("x = 1\n")
    with pytest.raises(ConfigurationError, match="no block from `# measured: begin`"):
        replace_measured_block(tmp_path / "other.py", "y = 2\n")


@pytest.mark.parametrize("name", SYNTHETIC)
def test_synthetic_series_share_no_time(name: str) -> None:
    series = list(make_synthetic_series(name).values())
    assert all(a.time[-1] < b.time[0] for a, b in pairwise(series))
