import pytest

from strandline.doctor.report import check_topics, check_version


@pytest.mark.parametrize(
    ("found", "state", "text"),
    [
        ({"a": 12, "b": 12, "theirs": 1}, "good", "all 2 exist"),
        ({"a": 12}, "bad", "missing: b"),
        ({"a": 12, "b": 3}, "warning", "b (3)"),
    ],
)
def test_check_topics_reports_missing_topics_and_partitions(
    found: dict[str, int], state: str, text: str
) -> None:
    finding = check_topics(found, ["a", "b"], 12)
    assert finding.state == state
    assert text in finding.message
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
def test_check_version_compares_revisions(found: str | None, state: str, advice: str) -> None:
    finding = check_version(found, "0005")
    assert (finding.state, finding.advice) == (state, advice)
