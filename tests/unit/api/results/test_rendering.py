import json
from typing import Any

import pytest

from api.http.paging import PageRequest
from api.results import rendering, views
from api.results.rendering import RowRenderer
from schemas.http.results import ResultPage, ResultResponse, ResultRow
from tests.unit.api.results.test_views import LEVEL, make_record

PAGE = PageRequest(2, 10)
RECORDS: list[Any] = [
    make_record(levels=json.dumps([LEVEL]), resistance_levels="[66010.0]"),
    make_record(id=8, levels=json.dumps([LEVEL, {"price": 1}])),
    make_record(id=9),
]


@pytest.mark.parametrize("with_levels", [False, True])
def test_rendered_page_equals_its_model(with_levels: bool) -> None:
    items = views.to_list_items(RECORDS, with_levels=with_levels)
    model = ResultPage(data=items, **PAGE.to_fields(23)).model_dump_json().encode()
    renderer = RowRenderer()
    for _ in range(2):
        assert renderer.render_page(RECORDS, PAGE, 23, with_levels=with_levels) == model


def test_rendered_rows_and_detail_equal_their_models() -> None:
    renderer = RowRenderer()
    for _ in range(2):
        for record in RECORDS:
            model = ResultResponse(data=views.to_detail(record))
            assert renderer.render_detail(record) == model.model_dump_json().encode()
        rows = [
            ResultRow.model_validate_json(json.dumps(row))
            for row in json.loads(renderer.render_newest(RECORDS))
        ]
        assert [row.model_dump() for row in rows] == [
            views.to_row(record).model_dump(include=set(ResultRow.model_fields)) for record in RECORDS
        ]
        assert "levels" not in json.loads(renderer.render_newest(RECORDS))[0]


def test_unchanged_row_is_converted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    converted = []

    def note(record: Any) -> Any:
        converted.append(record["last_price"])
        return views.to_detail(record)

    monkeypatch.setattr(rendering, "_DETAIL", rendering.RowForm(note, rendering._DETAIL.schema))
    renderer = RowRenderer()
    for price in (65432.1, 65432.1, 70000.0, 65432.1):
        body = json.loads(renderer.render_detail(make_record(last_price=price)))  # type: ignore[arg-type]
        assert body["data"]["last_price"] == price
    assert converted == [65432.1, 70000.0]


def test_row_that_cannot_be_shown_is_left_out_each_time() -> None:
    renderer = RowRenderer()
    records: list[Any] = [make_record(symbol=None), make_record()]
    for _ in range(2):
        assert [row["symbol"] for row in json.loads(renderer.render_newest(records))] == ["BTCUSDT"]


def test_renderer_stays_within_its_bytes() -> None:
    renderer = RowRenderer(max_bytes=5_000)
    for number in range(50):
        renderer.render_detail(make_record(id=number))  # type: ignore[arg-type]
    assert 0 < renderer._rendered.weight <= 5_000
