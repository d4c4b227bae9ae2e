"""Notebooks are kept as they are written: without outputs, and without the traces of a run."""

import json
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted((EXAMPLES / "notebook").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_is_stored_without_outputs(path: Path) -> None:
    book = json.loads(path.read_text())
    kinds = {cell["cell_type"] for cell in book["cells"]}
    assert kinds == {"code", "markdown"}
    for cell in book["cells"]:
        assert cell["metadata"] == {}
        assert (cell.get("outputs", []), cell.get("execution_count")) == ([], None), cell["source"]
    assert set(book["metadata"]["kernelspec"]) == {"display_name", "language", "name"}
