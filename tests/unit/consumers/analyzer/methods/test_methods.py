"""A method runs in a process of its own: what it does wrong ends its own call and nothing else."""

import io
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest
from rich.console import Console

from consumers.analyzer.analyze import SeriesAnalyzer, parse_params
from consumers.analyzer.methods import MethodFailed, UnknownMethod, analyze_with, registry
from consumers.analyzer.methods.analysis import _process_of, to_analysis
from consumers.analyzer.methods.process import MethodProcess
from exchanges.ports import Series
from levels import InvalidParams, Params, analyze
from levels.evaluation.synthetic import make_random_walk
from runtime.errors import Permanent
from strandline.evaluate.command import evaluate_series

CANDLES = make_random_walk(1, 400)
MODULE = "tests.unit.consumers.analyzer.methods.bad_methods"
NAMES = ("swing", "prices_only", "raises", "dies", "hangs", "returns_nan")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    points = [EntryPoint(name, f"{MODULE}:{name}", registry.GROUP) for name in NAMES]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    _process_of.cache_clear()
    yield
    _process_of.cache_clear()


@pytest.fixture
def process() -> Iterator[MethodProcess]:
    made = MethodProcess(f"{MODULE}:swing")
    yield made
    made.close()


@pytest.mark.usefixtures("installed")
def test_method_gives_an_analysis_like_ours() -> None:
    answer = analyze_with("plugin:swing", CANDLES, Params(method="plugin:swing"))
    assert [level.side for level in answer.levels] == ["support", "resistance"]
    assert answer.levels[0].price == pytest.approx(CANDLES.low.min())
    assert answer.levels[0].score == 2.0
    assert 0 < answer.levels[0].p_reach_24 < answer.levels[0].p_reach_100 <= 1
    assert (answer.algorithm, answer.input_limit) == ("plugin:swing", 400)
    assert answer == analyze_with("plugin:swing", CANDLES, Params(method="plugin:swing"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("raises", "raised KeyError"),
        ("exits", "raised SystemExit"),
        ("dies", "ended its process"),
        ("returns_text", "raised ValueError"),
        ("missing", "raised AttributeError"),
    ],
)
def test_method_that_fails_is_named_and_the_next_call_is_made(name: str, text: str) -> None:
    process = MethodProcess(f"{MODULE}:{name}")
    try:
        for _ in range(2):
            with pytest.raises(MethodFailed, match=f"{name} {text}"):
                process.call(CANDLES)
    finally:
        process.close()


def test_method_that_hangs_is_ended_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consumers.analyzer.methods.process.START_TIMEOUT", 5.0)
    process = MethodProcess(f"{MODULE}:hangs", timeout=0.2)
    with pytest.raises(MethodFailed, match=r"longer than 0\.2 s"):
        process.call(CANDLES)
    process.close()


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([(float("nan"), None, None, None)], "the price nan"),
        ([(-1.0, None, None, None)], "the price -1"),
        ([(None, None, None, 1.0)], "the price None"),
        ([(100.0, 101.0, 102.0, None)], "the zone 101"),
        ([(100.0, 99.0, float("inf"), None)], "the zone 99"),
        ([(100.0, None, None, float("nan"))], "the score nan"),
        ([(100.0, None, None, None)] * 5000, "5000 levels"),
    ],
)
def test_result_that_is_no_level_is_refused(rows: list[tuple[float | None, ...]], text: str) -> None:
    with pytest.raises(MethodFailed, match=text):
        to_analysis("plugin:x", rows, CANDLES, Params())


def test_result_is_cut_to_five_a_side_without_repeats() -> None:
    last = float(CANDLES.close[-1])
    rows = [(last * f, None, None, None) for f in (1.01, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 0.99, 1.0)]
    answer = to_analysis("plugin:x", rows, CANDLES, Params())
    assert (len(answer.supports), len(answer.resistances)) == (1, 5)


def test_process_answers_many_calls(process: MethodProcess) -> None:
    assert [len(process.call(CANDLES[: 100 + n])) for n in range(5)] == [2] * 5


@pytest.mark.usefixtures("installed")
async def test_analyzer_ends_only_the_request_of_a_failing_method() -> None:
    series = Series(closed=CANDLES, unclosed=None, gaps=())
    analyze = SeriesAnalyzer().analyze
    for name, reason in (("raises", "internal"), ("returns_nan", "internal"), ("nowhere", "invalid_request")):
        with pytest.raises(Permanent) as caught:
            await analyze(series, parse_params({"method": f"plugin:{name}"}))
        assert caught.value.reason == reason
    assert (await analyze(series, parse_params({"method": "plugin:swing"}))).levels
    assert (await analyze(series, parse_params({}))).levels


def test_unknown_method_lists_those_that_are_installed() -> None:
    with pytest.raises(UnknownMethod, match=r"no method 'x' is installed"):
        analyze_with("plugin:x", CANDLES, Params())


@pytest.mark.parametrize("method", ["plugin:", "plugin:a b", "other"])
def test_params_refuse_a_method_that_is_no_name(method: str) -> None:
    with pytest.raises(InvalidParams, match="method"):
        Params(method=method)


def test_analyze_itself_runs_no_plugin() -> None:
    with pytest.raises(InvalidParams, match="run by the application"):
        analyze(CANDLES, Params(method="plugin:x"))


@pytest.mark.usefixtures("installed")
def test_evaluation_takes_a_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strandline.evaluate.report.SLIDES", 5)
    output = io.StringIO()
    report = evaluate_series(
        {"walk": make_random_walk(3, 700)},
        console=Console(file=output, width=160),
        params=Params(method="plugin:swing"),
    )
    assert report.usefulness["walk"].levels > 0
    assert report.edges["race"]["moment"].n > 0
