import pytest

from strandline.doctor.report import of_clock, of_topics, of_version


@pytest.mark.parametrize(
    ("found", "state", "said"),
    [
        ({"a": 12, "b": 12, "theirs": 1}, "good", "all 2 are there"),
        ({"a": 12}, "bad", "missing: b"),
        ({"a": 12, "b": 3}, "warning", "b (3)"),
    ],
)
def test_topics(found: dict[str, int], state: str, said: str) -> None:
    finding = of_topics(found, ["a", "b"], 12)
    assert finding.state == state
    assert said in finding.said
    assert (finding.advice == "") is (state == "good")


@pytest.mark.parametrize(
    ("found", "state", "advice"),
    [
        ("0005", "good", ""),
        (None, "bad", "strandline db upgrade"),
        ("0004", "bad", "strandline db upgrade"),
        ("0006", "bad", "run a newer Strandline"),
    ],
)
def test_tables(found: str | None, state: str, advice: str) -> None:
    finding = of_version(found, "0005")
    assert (finding.state, finding.advice) == (state, advice)


@pytest.mark.parametrize(("skew", "state"), [(0.0, "good"), (-2.0, "good"), (2.1, "warning"), (-11.0, "bad")])
def test_clock(skew: float, state: str) -> None:
    finding = of_clock(skew, "binance")
    assert finding.state == state
    assert ("ahead of" if skew > 0 else "behind") in finding.said
