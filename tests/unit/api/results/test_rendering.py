import json
from typing import Any

import pytest

from api.http.paging import PageRequest
from api.results import rendering, views
from api.results.rendering import DETAIL, FULL_ITEM, ITEM, NEWEST, RowForm, RowRenderer
from schemas.http.results import ResultPage, ResultResponse, ResultRow
from storage.row_digest import digest_values
from tests.unit.api.results.test_views import LEVEL, make_record

PAGE = PageRequest(2, 10)
RECORDS: list[Any] = [
    make_record(levels=json.dumps([LEVEL]), resistance_levels="[66010.0]"),
    make_record(id=8, levels=json.dumps([LEVEL, {"price": 1}])),
    make_record(id=9),
]


def render(renderer: RowRenderer, form: RowForm, record: Any) -> bytes:
    """Return what is known of the row, or render it, as a reader does."""
    digest = digest_values(*record.values())
    known = renderer.get(form, digest)
    return renderer.render_if_valid(form, digest, record) if known is None else known


@pytest.mark.parametrize("with_levels", [False, True])
def test_rendered_page_equals_its_model(with_levels: bool) -> None:
    items = views.to_list_items(RECORDS, with_levels=with_levels)
    model = ResultPage(data=items, **PAGE.to_fields(23)).model_dump_json().encode()
    renderer = RowRenderer()
    for _ in range(2):
        rows = [render(renderer, FULL_ITEM if with_levels else ITEM, record) for record in RECORDS]
        assert rendering.join_page(rows, PAGE, 23) == model


def test_rendered_rows_and_detail_equal_their_models() -> None:
    renderer = RowRenderer()
    for _ in range(2):
        for record in RECORDS:
            model = ResultResponse(data=views.to_detail(record)).model_dump_json().encode()
            assert rendering.wrap_detail(render(renderer, DETAIL, record)) == model
        body = rendering.join_rows(render(renderer, NEWEST, record) for record in RECORDS)
        rows = [ResultRow.model_validate_json(json.dumps(row)) for row in json.loads(body)]
        assert [row.model_dump() for row in rows] == [
            views.to_row(record).model_dump(include=set(ResultRow.model_fields)) for record in RECORDS
        ]
        assert "levels" not in json.loads(body)[0]


def test_unchanged_row_is_converted_once() -> None:
    converted = []

    def note(record: Any) -> Any:
        converted.append(record["last_price"])
        return views.to_detail(record)

    renderer, form = RowRenderer(), RowForm(note, DETAIL.schema)
    for price in (65432.1, 65432.1, 70000.0, 65432.1):
        assert json.loads(render(renderer, form, make_record(last_price=price)))["last_price"] == price
    assert converted == [65432.1, 70000.0]


def test_row_without_a_digest_is_converted_each_time() -> None:
    renderer, record = RowRenderer(), RECORDS[0]
    assert renderer.render(DETAIL, None, record) == DETAIL.render(record)
    assert renderer.get(DETAIL, None) is None


def test_row_that_cannot_be_shown_is_left_out_each_time() -> None:
    renderer = RowRenderer()
    for _ in range(2):
        assert render(renderer, NEWEST, make_record(symbol=None)) == b""
        assert json.loads(render(renderer, NEWEST, make_record()))["symbol"] == "BTCUSDT"


def test_renderer_stays_within_its_bytes() -> None:
    renderer = RowRenderer(max_bytes=5_000)
    for number in range(50):
        render(renderer, DETAIL, make_record(id=number))
    assert 0 < renderer._rendered.weight <= 5_000
