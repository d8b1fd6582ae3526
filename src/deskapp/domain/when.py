"""Read a time as people type it on a call: `2h`, `3d`, `14:00`, `tomorrow 9`, `明天 9:00`, `12-01 09:30`."""

import re
from datetime import datetime, time, timedelta, tzinfo

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

_AMOUNT = re.compile(r"([+-]?)(\d{1,4})\s*(m|min|h|d|w|分钟?|小时|时|天|周)")
_UNITS = {
    "m": "minutes", "min": "minutes", "分": "minutes", "分钟": "minutes", "h": "hours", "小时": "hours", "时": "hours",
    "d": "days", "天": "days", "w": "weeks", "周": "weeks",
}  # fmt: skip
_DAYS = {
    "today": 0, "今天": 0, "tomorrow": 1, "tmr": 1, "明天": 1, "后天": 2, "yesterday": -1, "昨天": -1, "前天": -2,
}  # fmt: skip
_WEEKDAYS = (
    ("mon", "周一", "星期一"), ("tue", "周二", "星期二"), ("wed", "周三", "星期三"), ("thu", "周四", "星期四"),
    ("fri", "周五", "星期五"), ("sat", "周六", "星期六"), ("sun", "周日", "星期日"),
)  # fmt: skip
_TIME = re.compile(r"(\d{1,2})(?:[:点时](\d{2})?)?\s*(am|pm)?$")
_DATE = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?")
MORNING = time(9)


def parse_when(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Return the instant (aware UTC offset of `zone`) that the text means at `now`; a day alone means 9 in the morning.

    Raises Invalid with examples for anything else.
    """
    words = text.strip().casefold().replace(chr(0xFF1A), ":")
    local = now.astimezone(zone)
    if match := _AMOUNT.fullmatch(words):
        amount = timedelta(**{_UNITS[match[3]]: int(match[2])})
        return now - amount if match[1] == "-" else now + amount
    try:
        day, rest = _day(words, local)
        at = _time(rest) if rest else MORNING
        found = datetime.combine(day or local.date(), at, zone)
        if day is None and rest and found <= local:
            # A bare `9:00` in the afternoon is tomorrow's.
            found += timedelta(days=1)
        return found
    except ValueError as error:
        raise Invalid(
            N_("This is no time: {text}."),
            hint=N_("Write 2h, 3d, 14:00, tomorrow 9:30, fri 10 or 2026-12-01 09:00."),
            field="when",
            text=text,
        ) from error


def _day(words: str, local: datetime) -> tuple[datetime | None, str]:
    for name, offset in _DAYS.items():
        if words.startswith(name):
            return local + timedelta(days=offset), words.removeprefix(name).strip()
    for index, names in enumerate(_WEEKDAYS):
        for name in names:
            if words.startswith(name):
                ahead = (index - local.weekday() - 1) % 7 + 1
                return local + timedelta(days=ahead), re.sub(r"^[a-z]*", "", words.removeprefix(name)).strip()
    if match := _DATE.match(words):
        year = int(match[1] or local.year)
        day = local.replace(year=year, month=int(match[2]), day=int(match[3]), hour=0, minute=0)
        if not match[1] and day.date() < local.date() - timedelta(days=60):
            day = day.replace(year=year + 1)
        return day, words[match.end() :].strip(" t")
    return None, words


def _time(words: str) -> time:
    match = _TIME.fullmatch(words)
    if not match:
        raise ValueError(words)
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] == "pm" and hour < 12:
        hour += 12
    return time(hour, minute)
