"""The index of levels answers as a look at every level does."""

import random
from datetime import timedelta

from api.levels.level_index import LevelIndex
from api.levels.question import NearQuestion, StoredLevel
from api.levels.stored_levels import put_event, to_stored
from schemas.events import AnalysisCompleted
from schemas.values import to_ms
from tests.support.events import CANDLE, HOUR_MS, NOON, make_completed, make_level
from tests.support.near import answer_plainly, make_question, make_results


def list_levels(results: list[AnalysisCompleted]) -> list[tuple[StoredLevel, float]]:
    return [
        (to_stored(event.market, level, event.last_price, to_ms(event.candle_at)), event.last_price)
        for event in results
        for level in event.levels
    ]


def test_index_answers_random_questions_as_a_look_at_every_level() -> None:
    draw = random.Random(3)
    results, index = make_results(draw, 120), LevelIndex()
    for event in results:
        put_event(index, event)
    for number in range(200):
        live = {
            event.market.instrument: event.last_price * draw.uniform(0.95, 1.05)
            for event in results
            if draw.random() < 0.5
        }
        if number % 10 == 0:  # a later result replaces the levels of a market
            changed = draw.randrange(len(results))
            results[changed] = make_later(draw, results[changed])
            put_event(index, results[changed])
        question = make_question(draw)
        assert index.ask(question, live) == answer_plainly(list_levels(results), question, live)
    assert len(index) == sum(len(event.levels) for event in results)


def make_later(draw: random.Random, event: AnalysisCompleted) -> AnalysisCompleted:
    other = make_results(draw, 1, draw.randint(0, 14))[0]
    return other.model_copy(
        update={"market": event.market, "candle_at": event.candle_at + timedelta(hours=1)}
    )


def test_index_ignores_an_earlier_result() -> None:
    index = LevelIndex()
    put_event(index, make_completed(candle_at=CANDLE + HOUR_MS, levels=(make_level(100.0, level_id="S1"),)))
    put_event(index, make_completed(candle_at=CANDLE, levels=(make_level(101.0, level_id="S2"),)))
    put_event(index, make_completed(candle_at=CANDLE + HOUR_MS, analyzed_at=NOON, levels=()))
    assert [hit.level.level_id for hit in index.ask(NearQuestion(), {}).hits] == ["S1"]


def test_price_beyond_a_level_changes_its_side() -> None:
    index = LevelIndex()
    put_event(index, make_completed(last_price=101.0, levels=(make_level(100.0, last_price=101.0),)))
    sides = [
        index.ask(NearQuestion(), {"binance:spot:BTCUSDT": price}).hits[0].side
        for price in (100.5, 100, 99.5)
    ]
    assert sides == ["support", "support", "resistance"]


def test_empty_index_has_no_levels() -> None:
    assert LevelIndex().ask(NearQuestion(), {}) == ([], 0)
