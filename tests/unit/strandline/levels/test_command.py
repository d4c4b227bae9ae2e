"""`strandline levels` where a part of the installation is missing."""

import sys
from pathlib import Path

import pytest

from strandline import cli
from tests.unit.strandline.levels.candle_shapes import CSV_SHAPES


def test_levels_names_the_extra_that_plots_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    candles = tmp_path / "candles.csv"
    candles.write_text(CSV_SHAPES["our own"])
    monkeypatch.delitem(sys.modules, "api.chart_image.plot", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoMatplotlib, *sys.meta_path])
    arguments = ["strandline", "levels", "--csv", str(candles), "--plot", str(tmp_path / "a.png")]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "install strandline[plot]" in capsys.readouterr().err


class NoMatplotlib:
    """An import finder for which matplotlib is not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "matplotlib":
            raise ModuleNotFoundError("No module named 'matplotlib'", name=name)
