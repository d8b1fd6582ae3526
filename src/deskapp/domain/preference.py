"""Preferences that act: whether an appointment goes against what a customer asked us to remember."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

_DAY = 24 * 60
_LATE = 30  # minutes by which a morning may run over noon
_CLAUSE = re.compile(r"[,;，；。]|\.\s|(?=\bexcept\b|\bbut\b|除了|但)", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not?|never|except|avoid|nobody|away|unavailable|cannot|(?:can|won|is|are|do|does)n['’]?t)\b"
    r"|不要|不能|不行|不便|不方便|不在|没人|无人|没空|别|勿|除了|避开",
    re.IGNORECASE,
)
_DAYS = (
    (re.compile(r"\bweekends?\b|周末|双休", re.IGNORECASE), {5, 6}),
    (re.compile(r"\b(?:weekdays?|workdays?)\b|工作日", re.IGNORECASE), {0, 1, 2, 3, 4}),
)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_NAME = rf"(?:\b({'|'.join(_NAMES)})s?\b|(?:周|星期|礼拜)([一二三四五六日天]))"
_ONE_DAY = re.compile(_DAY_NAME, re.IGNORECASE)
_FROM_DAY_TO_DAY = re.compile(_DAY_NAME + r"\s*(?:to|until|till|-|–|~|到|至)\s*" + _DAY_NAME, re.IGNORECASE)
# "On workdays only after seven": says nothing of other days.
_THEN_ONLY = re.compile(r"(?:days?|ends?|日|末|休|[一二三四五六天])\s*(?:only|只)", re.IGNORECASE)
_PARTS = (
    (re.compile(r"\bmornings?\b|上午|早上|早晨", re.IGNORECASE), 0, 12 * 60),
    (re.compile(r"\bafternoons?\b|下午", re.IGNORECASE), 12 * 60, 17 * 60),
    (re.compile(r"\bevenings?\b|\bafter work\b|晚上|傍晚|下班后", re.IGNORECASE), 17 * 60, _DAY),
)
# An hour, unless what follows makes it a date, a floor, a duration or a number of people.
_HOUR = (
    r"(?:(上午|早上|早晨|中午|下午|傍晚|晚上)\s*)?(\d{1,2})(?:[:：](\d{2})|\s*[点點时](半|\d{2})?)?\s*(am\b|pm\b)?"
    r"(?![\d./]|\s*(?:st|nd|rd|th|%|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|min|hours?\b|h\b|days?|weeks?"
    r"|months?|years?|people|persons|floor|月|日|号|天|周|年|楼|层|分|小时|个|人))"
)
_AFTER = re.compile(rf"\b(?:after|from|not before|no earlier than)\s+{_HOUR}|{_HOUR}\s*以?(?:之?后|後)", re.IGNORECASE)
_BEFORE = re.compile(rf"\b(?:before|until|till|by)\s+{_HOUR}|{_HOUR}\s*以?之?前", re.IGNORECASE)
_BETWEEN = re.compile(rf"{_HOUR}\s*(?:to|and|until|till|-|–|~|到|至)\s*{_HOUR}", re.IGNORECASE)
_WORDS = {
    word: str(figure)
    for figure, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}
_HAN = {figure: place for place, figure in enumerate("零一二三四五六七八九")} | {"两": 2}


@dataclass(frozen=True, slots=True)
class _Span:
    """Minutes of a day; `part` is a part of the day, which is loose at its ends, unlike hours that were named."""

    starts: int
    ends: int
    part: bool = False

    def holds(self, starts: int, ends: int) -> bool:
        if self.part:
            return self.starts <= starts < self.ends and (self.starts > 0 or ends <= self.ends + _LATE)
        return self.starts <= starts and ends <= self.ends

    def touches(self, starts: int, ends: int) -> bool:
        return starts < self.ends and self.starts < ends


def goes_against(text: str, starts: datetime, ends: datetime) -> bool:
    """Whether a window (both ends in the desk's zone) goes against a preference in words; words it cannot read say no.

    Read are parts of the day, days of the week, hours (`after 18:00`, `18点以后`, `between one and three`), and their
    opposites (`not in the morning`, `周三不在家`); what is said in several clauses all counts. An hour up to seven
    without more is one after noon: nobody asks for a visit at six in the morning.
    """
    day, first, last = starts.weekday(), _minutes(starts), _minutes(ends) or _DAY
    days, spans = set[int](), list[_Span]()
    for clause in _CLAUSE.split(_plain(text)):
        named, told = _days(clause), list(_spans(clause))
        if not named and not told:
            continue
        concerned = not named or day in named
        if _NOT.search(clause.replace("not before", "")):
            if concerned and (not told or any(span.touches(first, last) for span in told)):
                return True
        elif named and told and _THEN_ONLY.search(clause):
            if concerned and not any(span.holds(first, last) for span in told):
                return True
        else:
            days |= named
            spans += told
    return bool((days and day not in days) or (spans and not any(span.holds(first, last) for span in spans)))


def _plain(text: str) -> str:
    """Hours as figures, however they are written."""
    text = re.sub(r"\b([ap])\.m\.?", r"\1m", text, flags=re.IGNORECASE)
    text = re.sub(rf"\b({'|'.join(_WORDS)})\b", lambda m: _WORDS[m[1].lower()], text, flags=re.IGNORECASE)
    return re.sub(
        r"(?<![周期拜])[零一二两三四五六七八九十]{1,3}(?=\s*[点點时到至])", lambda m: str(_figure(m[0])), text
    )


def _figure(han: str) -> int:
    tens, ten, ones = han.rpartition("十")
    return (_HAN.get(tens, 1) * 10 if ten else 0) + (_HAN.get(ones, 0) if ones else 0)


def _days(clause: str) -> set[int]:
    found = {day for pattern, days in _DAYS if pattern.search(clause) for day in days}
    for match in _FROM_DAY_TO_DAY.finditer(clause):
        first, last = _day(match[1] or match[2]), _day(match[3] or match[4])
        found |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return found | {_day(match[1] or match[2]) for match in _ONE_DAY.finditer(clause)}


def _day(name: str) -> int:
    return "一二三四五六日".index(name.replace("天", "日")) if len(name) == 1 else _NAMES.index(name.lower())


def _spans(clause: str) -> Iterator[_Span]:
    """The hours a clause names; the parts of the day it names only where it says no hours."""
    clocks = list(_clocks(clause))
    yield from clocks or (_Span(starts, ends, True) for pattern, starts, ends in _PARTS if pattern.search(clause))


def _clocks(clause: str) -> Iterator[_Span]:
    if match := _BETWEEN.search(clause):
        first, last = _clock(match.groups()[:5]), _clock(match.groups()[5:])
        if first < last:
            yield _Span(first, last)
            return
    if match := _AFTER.search(clause):
        yield _Span(_clock(match.groups()), _DAY)
    if match := _BEFORE.search(clause):
        yield _Span(0, _clock(match.groups()))


def _clock(told: tuple[str | None, ...]) -> int:
    """Minutes after midnight of an hour as `_HOUR` reads it, the first or the second time it stands in a pattern."""
    part, hour, colon, spoken, half = told[:5] if told[1] else told[5:]
    assert hour is not None
    hours, minutes = int(hour), 30 if spoken == "半" else int(colon or spoken or 0)
    early = part in ("上午", "早上", "早晨") or (half or "").lower() == "am"
    late = part in ("下午", "傍晚", "晚上") or (half or "").lower() == "pm"
    if hours < 12 and (late or (not early and not colon and hours <= 7)):
        hours += 12
    return min(hours, 23) * 60 + min(minutes, 59)


def _minutes(at: datetime) -> int:
    return at.hour * 60 + at.minute


__all__ = ["goes_against"]
