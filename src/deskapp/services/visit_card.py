"""The technician's card as a page to print: where, what it may be, what to bring, what to mind, what to tick."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from html import escape
from typing import Any

from deskapp.domain.i18n import _, language
from deskapp.domain.terms import LABELS, Grade
from deskapp.domain.text import clean
from deskapp.domain.views import MachineLine
from deskapp.domain.visits import Wish


@dataclass(frozen=True, slots=True)
class VisitCard:
    """What goes along on a visit; `case` is the guided call's snapshot, empty without one. Instants are aware."""

    ticket: str
    subject: str
    grade: Grade
    starts_at: datetime
    ends_at: datetime
    technician: str
    note: str
    customer: str
    phones: tuple[str, ...]
    address: str
    machine: MachineLine | None
    product: str
    description: str
    wishes: tuple[Wish, ...]
    case: Mapping[str, Any]
    made_at: datetime


def sections(card: VisitCard, zone: tzinfo) -> Iterator[tuple[str, list[str], bool]]:
    """The card's parts in the reader's language: heading, lines, whether the lines are to be ticked."""
    starts, ends = card.starts_at.astimezone(zone), card.ends_at.astimezone(zone)
    window = f"{starts:%Y-%m-%d %H:%M}-{ends:%H:%M}"
    yield _("Visit"), _some(window, card.technician, card.note), False
    yield _("Customer"), _some(card.customer, *card.phones, card.address), False
    machine = card.machine
    told = "  ".join(filter(None, (machine.product, machine.model, machine.serial, machine.place))) if machine else ""
    warranty = ""
    if machine and machine.warranty_until:
        warranty = _("warranty to {day}").format(day=f"{machine.warranty_until:%Y-%m-%d}")
    yield _("Machine"), _some(told or card.product, warranty), False
    yield _("Problem"), _some(card.subject, card.description), False
    outcome = card.case.get("outcome") or {}
    yield _("Outcome"), _some(_say(outcome.get("title")), _(LABELS[card.grade])), False
    yield _("It may be"), _merged(card.case, "causes"), False
    yield _("Bring: parts"), _merged(card.case, "parts"), True
    yield _("Bring: tools"), _merged(card.case, "tools"), True
    yield _("Safety: what the customer was told"), [_say(text) for text in outcome.get("safety_script", ())], False
    yield _("Wishes and access"), [*_wishes(card, starts.date()), *_notes(card.case)], False
    yield _("What was asked"), [f"{_say(a['label'])} {_say(a['text'])}" for a in card.case.get("answers", ())], False
    ticks = [_("photo before"), _("photo after"), _("tried out with the customer"), _("old parts shown")]
    yield _("To tick"), ticks, True


def as_text(card: VisitCard, zone: tzinfo) -> str:
    """The card as plain text, 80 columns or less where the words allow."""
    parts = [f"{card.ticket}  {clean(card.subject)}", ""]
    for heading, lines, tick in sections(card, zone):
        if lines:
            parts += [heading.upper(), *(f"  {'[ ] ' if tick else ''}{clean(line)}" for line in lines), ""]
    return "\n".join(parts)


def as_html(card: VisitCard, zone: tzinfo) -> str:
    """The card as one HTML page without anything to load; what the customer said is escaped."""
    body = []
    for heading, lines, tick in sections(card, zone):
        if lines:
            mark = '<span class="box"></span> ' if tick else ""
            items = "".join(f"<li>{mark}{escape(clean(line))}</li>" for line in lines)
            body.append(f"<h2>{escape(heading)}</h2><ul>{items}</ul>")
    title = escape(f"{card.ticket} {clean(card.subject)}")
    return _PAGE.format(language=language(), title=title, body="\n".join(body))


_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 11pt/1.4 sans-serif; max-width: 18cm; margin: 1cm auto; }}
h1 {{ font-size: 16pt; border-bottom: 2px solid; }} h2 {{ font-size: 11pt; margin: .8em 0 .2em; }}
ul {{ list-style: none; margin: 0; padding-left: .5em; }} .box {{ display: inline-block; width: .8em; height: .8em;
border: 1px solid; }} @page {{ size: A4; margin: 1.5cm; }} h2, li {{ break-inside: avoid; }}
</style></head><body><h1>{title}</h1>
{body}
</body></html>
"""


def _say(text: Any) -> str:
    return str(text.get(language()) or text.get("en", "")) if isinstance(text, Mapping) else ""


def _some(*texts: str) -> list[str]:
    return [text for text in texts if text]


def _merged(case: Mapping[str, Any], name: str) -> list[str]:
    """A list of the outcome and of what its answers add, each once."""
    found = [_say(text) for text in (case.get("outcome") or {}).get(name, ())]
    found += [_say(text) for add in case.get("adds", ()) for text in add.get(name, ())]
    return list(dict.fromkeys(text for text in found if text))


def _wishes(card: VisitCard, day: date) -> list[str]:
    return [wish.text for wish in card.wishes if wish.holds_on(day)]


def _notes(case: Mapping[str, Any]) -> list[str]:
    return [_say(add["note"]) for add in case.get("adds", ()) if add.get("note")]


__all__ = ["VisitCard", "as_html", "as_text", "sections"]
