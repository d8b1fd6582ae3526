"""Say a line of the timeline in words: what the desk did is stored as facts and told in the reader's language."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from deskapp.domain.i18n import N_, _, language
from deskapp.domain.terms import LABELS, EntryKind, Grade, PauseReason, Priority, Shift

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deskapp.domain.qa_views import SnapshotLine
    from deskapp.domain.views import TimelineLine

_SENTENCES = {
    "claim": N_("{to} took it"),
    "release": N_("put back for others"),
    "assign": N_("given to {to}"),
    "owner": N_("first-contact owner is now {to}"),
    "regrade": N_("grade {grade}, priority {priority}"),
    "pause": N_("paused, {reason}, until {until}"),
    "resume": N_("goes on"),
    "solve": N_("solved"),
    "reopen": N_("reopened"),
    "close": N_("closed"),
    "cancel": N_("cancelled"),
    "offer": N_("offered to {to}"),
    "accept": N_("accepted by {to}"),
    "send_back": N_("sent back by {to}"),
    "shift": N_("end of a shift: {giver} handed it over to {to}"),
    "shift_of": N_("end of a shift: {giver} handed it over to {to}, {shift}"),
    "stand_in": N_("end of a shift: {to} stands in for {giver}"),
    "stand_in_of": N_("end of a shift: {to}, {shift}, stands in for {giver}"),
    "give_back": N_("{giver} gave it back to {to}"),
    "merged_into": N_("went into {other}"),
    "took_in": N_("took {other} in"),
    "book": N_("visit {starts} - {ends}"),
    "move": N_("visit moved to {starts} - {ends}"),
    "cancel_visit": N_("visit cancelled"),
    "arrive": N_("technician arrived"),
    "visit_done": N_("visit done"),
    "desk": N_("now at desk {to}"),
    "unassign": N_("nobody works on it now"),
    "wait": N_("paused, {reason}"),
    "update": N_("updated"),
    "read_out": N_("read out"),
    "flow": N_("{flow}: {title}, {grade}"),
    "again": N_("in touch again"),
    "cause": N_("confirmed cause: {cause}; nothing was missing"),
    "cause_missing": N_("confirmed cause: {cause}; missing"),
    "cause_open": N_("cause not confirmed"),
    "raise_red": N_("emergency, the lead was told"),
}
_WORDS = {"grade": Grade, "priority": Priority, "reason": PauseReason, "shift": Shift}
_TIMES = ("until", "due", "starts", "ends")


def label(kind: EntryKind) -> str:
    """The kind of a line, in the reader's language."""
    return _(LABELS[kind])


def sentence(line: TimelineLine | SnapshotLine, zone: tzinfo) -> str:
    """What a line tells, in the reader's language, with its times in `zone`; the words that were typed come last."""
    if line.kind is EntryKind.CALL_BACK:
        told = _call_back(line.details)
    else:
        template = _SENTENCES.get(str(line.details.get("what", "")), "")
        told = _(template).format_map(_Facts(line.details, zone)) if template else ""
    return ": ".join(part for part in (told, line.text) if part)


def _call_back(facts: Mapping[str, object]) -> str:
    if not facts.get("reached", True):
        return _("not reached")
    if not facts.get("solved", True):
        return _("not solved")
    stars = facts.get("satisfaction")
    return _("solved, satisfaction {stars}/5").format(stars=stars) if stars else _("solved")


class _Facts(dict[str, str]):
    """A line's facts as words; one that an older desk did not write is an empty word, never an error."""

    def __init__(self, details: Mapping[str, object], zone: tzinfo) -> None:
        super().__init__({key: _word(key, value, zone) for key, value in details.items()})
        if self.get("ends", "")[:10] == self.get("starts", "-")[:10]:
            self["ends"] = self["ends"][11:]

    def __missing__(self, key: str) -> str:
        return ""


def _word(key: str, value: object, zone: tzinfo) -> str:
    if isinstance(value, dict):  # a text in both languages
        return str(value.get(language()) or value.get("en", ""))
    text = "" if value is None else str(value)
    if key in _WORDS and text in {member.value for member in _WORDS[key]}:
        return _(LABELS[_WORDS[key](text)])
    if key in _TIMES and text:
        try:
            return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M}"
        except ValueError:
            return text
    return text
