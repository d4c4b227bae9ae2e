"""The promises of the roles are judged from what they left behind: each planted violation is found."""

from datetime import UTC, datetime

from producers.scheduler.schedule import request_id_of
from schemas.watch_events import WatchFired
from tests.support.faults.fires_promise import judge_fires
from tests.support.faults.scheduler_promise import (
    MARKETS,
    ScheduledRequest,
    find_missing,
    find_never_asked,
    leave_out_current,
    plan_due,
)
from tests.support.fires import a_fire

NOON = int(datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp() * 1_000)
MINUTE = 60_000
PRICES = [101.1, 98.9, 101.2]


def fire(price: float, fire_id: str = "") -> WatchFired:
    return a_fire(price=price, fire_id=fire_id or f"fire-{price}")


FIRES = [fire(price) for price in PRICES[1:]]
DELIVERED = {each.fire_id: 1 for each in FIRES}


def test_fires_are_judged_as_kept_when_each_crossing_fired_and_was_delivered() -> None:
    verdict = judge_fires(PRICES, [*FIRES, FIRES[0]], DELIVERED | {FIRES[0].fire_id: 3})
    assert not verdict.broken
    assert verdict.note == "2 fires, 1 published twice, 2 delivered twice"


def test_fires_judgement_names_a_crossing_without_a_fire() -> None:
    assert judge_fires(PRICES, FIRES[1:], DELIVERED).broken == ["1 crossings without a fire: ['98.9']"]


def test_fires_judgement_names_a_crossing_that_fired_twice() -> None:
    fires = [*FIRES, fire(98.9, "another")]
    assert judge_fires(PRICES, fires, DELIVERED | {"another": 1}).broken == [
        "1 crossings with two fires: ['98.9']"
    ]


def test_fires_judgement_names_a_fire_that_was_not_delivered() -> None:
    assert judge_fires(PRICES, FIRES, {FIRES[0].fire_id: 1}).broken == [
        "1 fires not delivered: ['fire-101.2']"
    ]


def asked_of(start: int, end: int) -> list[ScheduledRequest]:
    return [ScheduledRequest(request_id_of(due), due.at + 100) for due in plan_due(MARKETS, start, end)]


def test_leave_out_current_leaves_out_candles_that_have_a_result() -> None:
    due = plan_due(MARKETS, NOON, NOON + 2 * MINUTE)
    assert leave_out_current(due, {(due[0].market.key, due[0].candle)}) == due[1:]
    assert leave_out_current(due, set()) == due


def test_plan_due_has_one_request_a_minute_for_each_market() -> None:
    due = plan_due(MARKETS, NOON, NOON + 3 * MINUTE - 1)
    assert len({request_id_of(one) for one in due}) == len(due) == 3 * len(MARKETS)


def test_scheduler_judgement_names_a_due_request_that_was_never_published() -> None:
    due = plan_due(MARKETS, NOON, NOON + 2 * MINUTE)
    asked = asked_of(NOON, NOON + 2 * MINUTE)
    assert find_never_asked(due, asked) == []
    forgotten = asked.pop(0)
    assert find_never_asked(due, asked) == [forgotten.request_id]


def test_scheduler_judgement_excuses_a_candle_superseded_while_the_scheduler_was_down() -> None:
    caught_up = [
        each._replace(at=NOON + 2 * MINUTE + 20_000)
        for each in asked_of(NOON + 2 * MINUTE, NOON + 3 * MINUTE - 1)
    ]
    asked = asked_of(NOON, NOON + MINUTE - 1) + caught_up
    assert find_never_asked(plan_due(MARKETS, NOON, NOON + 3 * MINUTE - 1), asked) == []


def test_scheduler_probe_finds_the_markets_whose_newest_candle_is_not_asked() -> None:
    due = plan_due(MARKETS, NOON, NOON + 2 * MINUTE - 1)
    assert find_missing(due, asked_of(NOON, NOON + MINUTE - 1)) == sorted(
        each.request_id for each in asked_of(NOON + MINUTE, NOON + 2 * MINUTE - 1)
    )
