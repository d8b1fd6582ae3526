"""The forms of a customer's file: a machine, a wish; each new, or as a correction of a former one."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.terms import LABELS, PreferenceKind
from deskapp.domain.views import MachineLine, PreferenceLine
from deskapp.services.requests.customers import AddPreference, SaveMachine
from deskapp.widgets.form import Line


def machine_lines(former: MachineLine | None) -> tuple[Line, ...]:
    """The lines of a machine."""
    bought, until = (former.bought_on, former.warranty_until) if former else (None, None)
    return (
        Line("product", _("Product"), former.product if former else "", limit=80, required=True),
        Line("model", _("Model"), former.model if former else "", limit=80),
        Line("serial", _("Serial number"), former.serial if former else "", limit=80),
        Line("bought_on", _("Bought on"), _iso(bought), limit=10, hint="2024-06-18"),
        Line("warranty_until", _("Warranty to"), _iso(until), limit=10, hint="2030-06-18"),
        Line("place", _("Place"), former.place if former else "", limit=120),
    )


def machine_command(customer_id: UUID, former: MachineLine | None, values: Mapping[str, str]) -> SaveMachine:
    """What a machine's lines mean. Raises Invalid for a day that is none."""
    return SaveMachine(
        customer_id=customer_id,
        machine_id=former.id if former else None,
        version=former.version if former else None,
        product=values["product"],
        model=values["model"],
        serial=values["serial"],
        place=values["place"],
        bought_on=_day(values, "bought_on"),
        warranty_until=_day(values, "warranty_until"),
    )


def preference_lines(former: PreferenceLine | None) -> tuple[Line, ...]:
    """The lines of a wish."""
    kinds = tuple((kind.value, _(LABELS[kind])) for kind in PreferenceKind)
    source = former.source if former else _("customer, on the phone")
    pinned = "yes" if former and former.pinned else "no"
    return (
        Line("kind", _("Kind"), former.kind.value if former else "", words=kinds),
        Line("text", _("What to remember"), former.text if former else "", required=True),
        Line("source", _("From whom"), source, 80),
        Line("valid_until", _("Holds until"), _iso(former.valid_until if former else None), limit=10,
             hint=_("2026-12-31; empty: until further notice")),
        Line("consent", _("The customer agrees"), words=(("yes", _("yes")), ("no", _("no")))),
        Line("pinned", _("Show first"), pinned, words=(("no", _("no")), ("yes", _("yes")))),
    )  # fmt: skip


def preference_command(customer_id: UUID, former: PreferenceLine | None, values: Mapping[str, str]) -> AddPreference:
    """What a wish's lines mean; it takes the place of the former one, which stays in the history. Raises Invalid."""
    return AddPreference(
        customer_id=customer_id,
        kind=PreferenceKind(values["kind"]),
        text=values["text"],
        source=values["source"],
        valid_until=_day(values, "valid_until"),
        consent=values["consent"] == "yes",
        pinned=values["pinned"] == "yes",
        replaces=former.id if former else None,
    )


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(values: Mapping[str, str], name: str) -> date | None:
    text = values[name].strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(N_("This is no day: {text}."), hint=N_("Write 2026-12-31."), field=name, text=text) from error


__all__ = ["machine_command", "machine_lines", "preference_command", "preference_lines"]
