"""Preferences that act: whether an appointment goes against what a customer asked us to remember."""

import re
from datetime import datetime, time

_MORNING = re.compile(r"mornings?\b|上午|早上|早晨", re.IGNORECASE)
_AFTERNOON = re.compile(r"afternoons?\b|下午", re.IGNORECASE)
_EVENING = re.compile(r"evenings?\b|晚上|傍晚|下班后|after work", re.IGNORECASE)
_WEEKEND = re.compile(r"weekends?\b|周末|双休", re.IGNORECASE)
_WEEKDAYS = re.compile(r"weekdays?\b|工作日", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not?|never|except|avoid)\b|不要|不能|别|除了|避开|不在", re.IGNORECASE)
_AFTER = re.compile(
    r"(?:after|from|not before)\s+(\d{1,2})(?::(\d{2}))?|(\d{1,2})(?:[:点时](\d{2})?)?\s*点?以?后", re.IGNORECASE
)
_BEFORE = re.compile(
    r"(?:before|until|by)\s+(\d{1,2})(?::(\d{2}))?|(\d{1,2})(?:[:点时](\d{2})?)?\s*点?以?前", re.IGNORECASE
)
_NOON, _SIX = time(12), time(17)


def goes_against(text: str, starts: datetime, ends: datetime) -> bool:
    """Whether a window (both ends in the desk's zone) goes against a preference in words; words it cannot read say no.

    Read are parts of the day, weekend and weekdays, `after 18:00` / `18点以后`, `before 10` / `10点以前`, and their
    opposites (`not in the morning`, `上午不在`).
    """
    wanted = [fits for pattern, fits in _fits(starts, ends) if pattern.search(text)]
    if wanted:
        return any(wanted) if _NOT.search(text.replace("not before", "")) else not any(wanted)
    if match := _AFTER.search(text):
        return starts.time() < _clock(match)
    if match := _BEFORE.search(text):
        return ends.time() > _clock(match)
    return False


def _fits(starts: datetime, ends: datetime) -> list[tuple[re.Pattern[str], bool]]:
    weekend = starts.weekday() >= 5
    return [
        (_MORNING, ends.time() <= time(12, 30) and starts.time() < _NOON),
        (_AFTERNOON, _NOON <= starts.time() < _SIX),
        (_EVENING, starts.time() >= _SIX),
        (_WEEKEND, weekend),
        (_WEEKDAYS, not weekend),
    ]


def _clock(match: re.Match[str]) -> time:
    hour, minute = match[1] or match[3], match[2] or match[4]
    return time(min(int(hour), 23), min(int(minute or 0), 59))


__all__ = ["goes_against"]
