"""The documents name files that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
ROOMS = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
IN_A_ROOM = re.compile(rf"(?:{ROOMS})/(?:.*/)?(?:[\w-]+\.\w+)?$")
BUILT = ("api/static/", "web/node_modules/", "dist/", "strandline/_rooms/")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_page_names_files_that_exist(page: Path) -> None:
    named = FILE.findall(ROOT.joinpath(page).read_text(encoding="utf-8"))
    ours = [name for name in named if IN_A_ROOM.match(name) and not name.startswith(BUILT)]
    assert [name for name in ours if not ROOT.joinpath(name).exists()] == []
