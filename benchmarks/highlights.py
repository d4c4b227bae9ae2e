"""The figures that matter to a user, as tables in both READMEs. Pure, except for `write_highlights`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.report import format_number
from benchmarks.results import SectionResult

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- performance -->", "<!-- /performance -->"


@dataclass(frozen=True)
class Highlight:
    """A figure of a section by the start of its name, in English and Chinese; `against` names its baseline."""

    section: str
    figure: str
    english: str
    chinese: str
    against: tuple[str, str]


HIGHLIGHTS = (
    Highlight(
        "pipeline",
        "request to result, real analysis",
        "analyses per second of one analyzer, through Kafka",
        "一个分析器经 Kafka 每秒的分析次数",
        ("bare Kafka and the analysis, one after the other", "裸 Kafka 加分析本身"),
    ),
    Highlight(
        "latency",
        "request to row at 50%, p99",
        "ms from a request to its row at half of capacity, 99 %",
        "半载时从请求到写入行的毫秒数，99 %",
        ("", ""),
    ),
    Highlight(
        "api_reads",
        "",
        "reads per second of one API process, answer in Redis",
        "一个 API 进程每秒的读取次数，答案在 Redis 中",
        ("FastAPI that answers constant bytes", "返回固定字节的 FastAPI"),
    ),
    Highlight(
        "watches",
        "100,000 watches",
        "prices per second evaluated against 100,000 watches",
        "每秒对 100,000 个盯盘求值的价格数",
        ("every watch of the symbol evaluated", "逐一计算该品种的每个盯盘"),
    ),
    Highlight(
        "startup",
        "start of the api",
        "seconds of CPU until the API is ready",
        "API 就绪前所用的 CPU 秒数",
        ("a Python that imports the same libraries", "导入同样库的 Python"),
    ),
)
_HEADS = (
    ("figure", "measured", "baseline", "ratio", "reproduce"),
    ("数字", "实测", "基准", "比值", "重现"),
)


def render_highlights(results: Mapping[str, SectionResult], language: int) -> str:
    """Return the table in English (0) or Chinese (1); what was not measured is omitted."""
    rows = [
        _render_row(highlight, figure, language)
        for highlight in HIGHLIGHTS
        if (figure := _find_figure(results, highlight)) is not None
    ]
    return "\n".join((_join(_HEADS[language]), "|---|---:|---|---:|---|", *rows))


def replace_block(text: str, table: str) -> str:
    """Return `text` with `table` between its markers. Raises ValueError without them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the markers {BEGIN} and {END} are missing")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def write_highlights(results: Mapping[str, SectionResult]) -> None:
    """Write the tables of both READMEs."""
    for language, name in enumerate(("README.md", "README.zh-CN.md")):
        path = ROOT / name
        path.write_text(replace_block(path.read_text(), render_highlights(results, language)))


def _find_figure(results: Mapping[str, SectionResult], highlight: Highlight) -> Figure | None:
    figures = results[highlight.section].figures if highlight.section in results else ()
    return next((figure for figure in figures if figure.name.startswith(highlight.figure)), None)


def _render_row(highlight: Highlight, figure: Figure, language: int) -> str:
    names, against = (highlight.english, highlight.chinese), highlight.against[language]
    baseline = f"{format_number(figure.baseline)} ({against})" if figure.baseline is not None else ""
    link = f"[`make bench ONLY={highlight.section}`](docs/performance.md)"
    return _join((names[language], format_number(figure.value), baseline, format_number(figure.ratio), link))


def _join(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
