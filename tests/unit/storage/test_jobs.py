"""Merging the changes of one batch equals applying them one by one."""

import functools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.jobs import (
    JobChange,
    build_completed_changes,
    build_failed_changes,
    build_queued_change,
    merge_changes,
)
from tests.support.events import NOON, make_completed, make_failed, make_request

LATER = NOON + timedelta(minutes=1)


def news(request_id: str) -> list[JobChange]:
    return [
        build_queued_change(make_request(request_id=request_id), NOON),
        *build_failed_changes(make_failed(request_ids=[request_id])),
        *build_completed_changes(make_completed(request_ids=[request_id], analyzed_at=LATER), result_id=3),
    ]


changes = st.lists(st.sampled_from([*news("a"), *news("b")]))


@given(changes)
def test_merge_changes_keeps_highest_status_and_request(arrived: list[JobChange]) -> None:
    ranks = ["queued", "failed", "completed"]
    result = merge_changes(arrived)
    assert [change.request_id for change in result] == sorted({change.request_id for change in arrived})
    for change in result:
        mine = [each for each in arrived if each.request_id == change.request_id]
        assert change.status == max((each.status for each in mine), key=ranks.index)
        asked = [each for each in mine if each.status == "queued"]
        assert change.request == (asked[0].request if asked else None)
        assert (change.result_id == 3) == (change.status == "completed")


@given(changes)
def test_merge_changes_is_associative(arrived: list[JobChange]) -> None:
    one_by_one = functools.reduce(
        lambda known, change: merge_changes([*known, change]), arrived, list[JobChange]()
    )
    assert merge_changes(arrived) == one_by_one


def test_event_changes_cover_each_request_id() -> None:
    ids = [f"r{n}" for n in range(500)]
    assert [
        change.request_id for change in build_completed_changes(make_completed(request_ids=ids), 1)
    ] == ids
    assert [change.request_id for change in build_failed_changes(make_failed(request_ids=ids))] == ids
