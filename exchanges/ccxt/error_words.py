"""What exchanges' own error texts mean, read before ccxt's error classes, which are catch-alls. Pure."""

import re
from enum import Enum


class Meaning(Enum):
    """Why an exchange refused a call."""

    GEO_BLOCK = "geo block"
    BAN = "ban"
    RATE_LIMIT = "rate limit"
    HISTORY_START = "history start"
    PAGE_SIZE = "page size"
    UNKNOWN_SYMBOL = "unknown symbol"
    BAD_TIMEFRAME = "bad timeframe"
    MAINTENANCE = "maintenance"
    BUSY = "busy"


_PLACE = r"(?:countr(?:y|ies)|region|location|jurisdiction|territor(?:y|ies)|area)"
_MARKET = (
    r"(?:symbol|market|instrument(?:[ _]?(?:id|name))?|contract|product|currency[ _-]?pair|(?:asset|trading)[ _-]?pair"
    r"|pair|coin|ticker)"
)
_REFUSED = (
    r"(?:not (?:supported|allowed|permitted|available)|restricted|prohibited|block(?:ed| access)"
    r"|forbidden|banned)"
)
_IS_NOT = r"(?:(?:does|do|is|are|was) ?n[o']t|not|no longer|n't)"
_INTERVAL = r"(?:interval|timeframe|granularity|resolution|period|kline type|bar size)"

_PHRASES: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
    (
        Meaning.GEO_BLOCK,
        (
            rf"restricted {_PLACE}",
            r"(?:un|not )available (?:in|for|from) (?:your|the u\.?s|this|certain)",
            rf"{_PLACE}\W.{{0,60}}(?:not (?:supported|allowed|permitted)|restricted|prohibited|blocked|forbidden)",
            rf"{_REFUSED} .{{0,40}}(?:your|the|this|from) .{{0,20}}{_PLACE}",
            rf"{_PLACE}[_ ]?(?:restricted|blocked|forbidden|ban)",
            rf"{_PLACE}.{{0,40}}violates? (?:our|the) terms",
            rf"not offer.{{0,30}}(?:your|this) {_PLACE}",
            r"legal reasons",
            r"geo.?(?:block|restrict|fenc)",
            r"non-u\.?s\.? ip",
            r"u\.?s\.? (?:persons|residents|customers)",
            r"appear to be (?:a resident|located|trading)",
            r"error (?:code:? )?1009\b",
            r"compliance restriction",
        ),
    ),
    (
        Meaning.BAN,
        (
            r"banned until",
            r"ip (?:has been |is |was )?(?:auto-?)?banned",
            r"way too (?:many|much) request",
            r"\bban \d+ ?min",
        ),
    ),
    (
        Meaning.RATE_LIMIT,
        (
            r"too many (?:requests|visits|api)",
            r"too much request weight",
            r"rate.?limit",
            r"request(?:s|ed)?\b.{0,30}too (?:frequent|fast|many)",
            r"too frequent",
            r"frequency.{0,30}(?:limit|exceed|high)",
            r"operat\w* too (?:fast|frequent)",
            r"temporary lockout",
            r"throttl",
            r"slow down",
            r"over_?limit",
            r"exceeded.{0,30}(?:quota|request limit|call limit)",
            r"(?:request|call|api|access)s? limit (?:exceed|reached)",
        ),
    ),
    (
        Meaning.HISTORY_START,
        (
            r"too long ago",
            r"too (?:early|old|far (?:back|in the past))",
            r"points ago",
            r"earlier than",
            r"before (?:the )?(?:listing|launch|start of|first)",
            r"beyond (?:the )?(?:history|retention)",
            r"out of retention",
            r"only .{0,40}(?:days|months|points|candles|records).{0,20}(?:available|supported|kept|allowed|queried)",
            r"no (?:more |historical )?(?:data|candles|history|kline)s?\b",
            r"histor(?:y|ical data).{0,30}(?:not available|limited|exceed)",
            r"data (?:has )?expired",
            r"(?:within|last|latest|recent) (?:the )?(?:last |past )?\d+ (?:days|months|years)",
        ),
    ),
    (
        Meaning.PAGE_SIZE,
        (
            r"range too (?:broad|large|long|big|wide)",
            r"number of candles",
            r"data points",
            r"too many (?:data|candles|points|records)",
            r"granularity too small",
            r"upli?mi?t",
            r"\b(?:limit|size|count)\b.{0,30}(?:error|must|should|exceed|invalid|illegal|out of|too)",
            r"\b(?:limit|size|count)\b.{0,30}(?:between|max|less|greater)",
            r"(?:invalid|illegal|wrong|incorrect|exceed\w*|max\w*).{0,20}\b(?:limit|size|count)\b",
            r"(?:time|date)[ _-]?(?:range|interval|span|window|period).{0,40}(?:too|exceed|large|long|cannot|max)",
        ),
    ),
    (
        Meaning.UNKNOWN_SYMBOL,
        (
            rf"(?:invalid|unknown|unsupported|illegal|wrong|bad|no such|nonexistent|incorrect)[ _]{_MARKET}\b",
            rf"{_MARKET}s?\b.{{0,60}}{_IS_NOT} ?_?(?:been )?(?:exist|found|support|available|list|valid|trad|recogni)",
            rf"{_MARKET}s?\b.{{0,40}}(?:invalid|unknown|offline|expired|removed|ended|unsupported|deactivated|error$)",
            rf"{_MARKET}_?(?:not_found|not_exists?|invalid)",
            rf"not (?:found|supported?|listed).{{0,20}}{_MARKET}",
            rf"(?:can ?not|could not|couldn't|unable to) find.{{0,20}}{_MARKET}",
            rf"not_found.{{0,60}}{_MARKET}",
            r"\bnotfound\b",
            r"de-?list",
            r"\bsettl(?:ing|ed|ement)\b",
            r"-112[12]\b",
        ),
    ),
    (
        Meaning.BAD_TIMEFRAME,
        (
            rf"(?:invalid|unknown|unsupported|illegal|wrong|bad|incorrect)[ _]?{_INTERVAL}",
            rf"{_INTERVAL}\b.{{0,40}}(?:not (?:support|valid|exist|allow|found)|invalid|illegal)",
            rf"{_INTERVAL}\b.{{0,40}}(?:unsupported|incorrect|error)",
            r"-1120\b",
        ),
    ),
    (
        Meaning.MAINTENANCE,
        (
            r"maint(?:enance|ain)",
            r"upgrad(?:e|ing)",
            r"under construction",
            r"temporarily (?:closed|unavailable|disabled|suspended|down)",
            r"service[ :_](?:is )?(?:temporarily )?unavailable",
            r"eservice:unavailable",
            r"system (?:is )?(?:updating|suspended)",
            r"scheduled downtime",
            r"\bcancel_only\b",
        ),
    ),
    (
        Meaning.BUSY,
        (
            r"\bbusy\b",
            r"try again",
            r"retry later",
            r"internal (?:server |system )?error",
            r"(?:server|system|service|unknown|unexpected) error",
            r"overload",
            r"timed? ?out",
            r"backend",
            r"something went wrong",
        ),
    ),
)
"""Regular expressions, without case. The first meaning that matches counts, so the order matters."""

_COMPILED = tuple((meaning, re.compile("|".join(phrases), re.IGNORECASE)) for meaning, phrases in _PHRASES)

_MAX_TEXT = 4_000
"""Characters; a longer body is data, or a page for people, whose first part says enough."""


def read_meaning(text: str) -> Meaning | None:
    """Return what an error text means; None where it is not recognised."""
    text = text[:_MAX_TEXT]
    return next((meaning for meaning, pattern in _COMPILED if pattern.search(text)), None)


_BANNED_UNTIL = re.compile(r"until\D{0,20}(\d{10,13})\b", re.IGNORECASE)
_WAIT = re.compile(
    r"(?:again|retry|wait|ban|lockout|blocked|after|for)\W+(?:\w+\W+){0,2}?(\d{1,5}(?:\.\d+)?) ?"
    r"(ms|milliseconds?|s|sec|seconds?|m|min|minutes?|h|hours?)\b",
    re.IGNORECASE,
)
_JSON_WAIT = re.compile(r'"retry_?-?after(_?ms)?"\s*:\s*"?(\d{1,9}(?:\.\d+)?)', re.IGNORECASE)
_UNITS = {"m": 60.0, "h": 3_600.0, "s": 1.0}


def read_wait(text: str, now: float) -> float | None:
    """Return the seconds that an error text asks to wait; None where it names none. `now`: unix seconds."""
    text = text[:_MAX_TEXT]
    if found := _BANNED_UNTIL.search(text):
        until = float(found[1])
        return max(0.0, (until / 1_000 if until > 1e11 else until) - now)
    if found := _JSON_WAIT.search(text):
        return float(found[2]) / (1_000 if found[1] else 1)
    if found := _WAIT.search(text):
        unit = found[2].lower()
        return (
            float(found[1]) / 1_000 if unit.startswith(("ms", "mil")) else float(found[1]) * _UNITS[unit[0]]
        )
    return None
