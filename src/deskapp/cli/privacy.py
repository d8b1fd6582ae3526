"""`deskapp customer show | export | erase | merge | reveal`, `deskapp visit card`: a customer's data in hand."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deskapp.cli.customer import one_customer
from deskapp.cli.kit import Call
from deskapp.cli.output import emit, say, say_block, write_file
from deskapp.cli.session import address, desk_of, desk_zone
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.terms import LABELS, ContactKind
from deskapp.domain.views import CustomerView
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.customers import GetCustomer
from deskapp.services.requests.privacy import (
    EraseCustomer,
    FindDuplicates,
    GetExport,
    MergeCustomers,
    PreviewMerge,
    RecordExport,
    RevealContacts,
    UndoMerge,
)
from deskapp.services.requests.visits import GetVisitCard
from deskapp.services.visit_card import as_html, as_text

Who = Annotated[str, typer.Argument(metavar="WHO", help=N_("The file (C-10001), a number, a name or a serial number."))]
Why = Annotated[str, typer.Option("--reason", help=N_("Why; it is written down."))]


def show(call: Call, who: Who) -> None:
    with desk_of(call) as (desk, actor):
        view: CustomerView = desk.read(actor, GetCustomer(customer_id=one_customer(desk, actor, who)))
        twins = desk.read(actor, FindDuplicates(customer_id=view.id))
        today = desk.clock.now().astimezone(desk_zone()).date()
    if call.json:
        emit({"customer": _plain(view), "duplicates": [str(twin.id) for twin in twins]})
        return
    say(f"C-{view.number}  {view.name}  {view.language}".rstrip())
    for contact in view.contacts:
        say(f"  {_(LABELS[contact.kind])}  {contact.raw}  {contact.label}".rstrip())
    for machine in view.machines:
        say("  " + "  ".join(filter(None, (machine.product, machine.model, machine.serial))))
    for wish in view.preferences:
        if wish.ended_at is None and (wish.valid_until is None or wish.valid_until >= today):
            say(f"  * {wish.text}" + (f"  -> {wish.valid_until}" if wish.valid_until else ""))
    stars = [t.satisfaction for t in view.tickets if t.satisfaction]
    for ticket in view.tickets:
        mark = f"  {ticket.satisfaction}/5" if ticket.satisfaction else ""
        say(f"  T-{ticket.number}  {ticket.opened_at:%Y-%m-%d}  {ticket.subject}  {_(LABELS[ticket.status])}{mark}")
    if stars:
        say(
            _("satisfaction {mean:.1f} of 5 in {count} call-backs").format(
                mean=sum(stars) / len(stars), count=len(stars)
            )
        )
    for twin in twins:
        what = _(LABELS[ContactKind.ADDRESS if twin.matched == "address" else ContactKind.PHONE])
        told = (
            _("the same {what}: C-{number} {name}") if twin.matched == "shared"
            else _("perhaps the same person: C-{number} {name} ({what})")
        )  # fmt: skip
        say(told.format(number=twin.number, name=twin.name, what=what))


def export(
    call: Call, who: Who, reason: Why,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=N_("Write to this file."))] = None,
) -> None:  # fmt: skip
    import json

    with desk_of(call) as (desk, actor):
        customer = one_customer(desk, actor, who)
        desk.execute(actor, RecordExport(customer_id=customer, reason=reason))
        data = desk.read(actor, GetExport(customer_id=customer))
    if output is None:
        emit(_plain(data))
        return
    write_file(output, json.dumps(_plain(data), ensure_ascii=False, indent=2, default=str) + "\n", private=True)
    say(_("Written: {path}").format(path=str(output)))


def erase(
    call: Call, who: Who, reason: Why,
    yes: Annotated[bool, typer.Option("--yes", help=N_("Do it without asking: it cannot be undone."))] = False,
) -> None:  # fmt: skip
    with desk_of(call) as (desk, actor):
        customer = one_customer(desk, actor, who)
        # The administrator may erase a file and hand it out, but reads none.
        file = desk.read(actor, GetExport(customer_id=customer))["customer"]
        if not yes:
            told = _("Erase {name}, {tickets} tickets? Nothing of them can be brought back.")
            typer.confirm(told.format(name=file["name"], tickets=len(file["tickets"])), abort=True)
        receipt = desk.execute(actor, EraseCustomer(customer_id=customer, reason=reason))
    _forget_seat(call, [str(customer), file["name"], *_spellings(file["contacts"])])
    if call.json:
        emit({"erased": receipt.label})
        return
    say(_("{customer} is erased; the tickets stay without names. Backups made before still hold it.").format(
        customer=receipt.label
    ))  # fmt: skip


def merge(
    call: Call,
    source: Annotated[str, typer.Argument(metavar="FROM", help=N_("The file that goes."))],
    target: Annotated[str, typer.Argument(metavar="INTO", help=N_("The file that stays."))] = "",
    undo: Annotated[bool, typer.Option("--undo", help=N_("Give the last merged file its own things back."))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Only say what would move."))] = False,
) -> None:
    with desk_of(call) as (desk, actor):
        if undo:
            done: Receipt | None = desk.execute(actor, UndoMerge(into_id=one_customer(desk, actor, source)))
            moved: dict[str, int] = {}
        elif not target:
            raise Invalid(N_("Name the file that stays."))
        else:
            pair = {"from_id": one_customer(desk, actor, source), "into_id": one_customer(desk, actor, target)}
            moved = desk.read(actor, PreviewMerge(**pair))
            done = None if dry_run else desk.execute(actor, MergeCustomers(**pair))
    if call.json:
        emit({"moved": moved, "done": done is not None})
        return
    if moved:
        say(_("contacts {contact}, machines {machine}, preferences {preference}, tickets {ticket}").format(**moved))
    if done is not None:
        say(_("{name} has a file of their own again.").format(name=done.label) if undo
            else _("Merged into {name}; --undo takes it back.").format(name=done.label))  # fmt: skip


def reveal(call: Call, who: Who, reason: Why) -> None:
    with desk_of(call) as (desk, actor):
        receipt = desk.execute(actor, RevealContacts(customer_id=one_customer(desk, actor, who), reason=reason))
    if call.json:
        emit({"contacts": receipt.label})
    else:
        say(receipt.label)


def card(
    call: Call,
    ticket: Annotated[str, typer.Argument(metavar="TICKET", help=N_("A ticket's number, such as T-1042."))],
    html: Annotated[bool, typer.Option("--html", help=N_("As a page to print."))] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=N_("Write to this file."))] = None,
) -> None:
    number = ticket.upper().removeprefix("T-")
    if not number.isdigit():
        raise Invalid(N_("{label} is no ticket number."), hint=N_("Write it as T-1042 or 1042."), label=ticket)
    with desk_of(call) as (desk, actor):
        found = desk.read(actor, GetVisitCard(ticket_number=int(number)))
    zone = desk_zone()
    text = as_html(found, zone) if html else as_text(found, zone)
    if output:
        write_file(output, text, private=True)
        say(_("Written: {path}").format(path=str(output)))
    elif call.json:
        emit({"ticket": found.ticket, "card": text})
    else:
        say_block(text, "")


def _forget_seat(call: Call, words: list[str]) -> None:
    """Take the unsent drafts of all who work on this machine, and pages to print, away as well."""
    from deskapp.pages import forget_pages
    from deskapp.settings import load
    from deskapp.store.drafts import DraftJournal

    settings = load(flags={"database": address(call)})
    journal = DraftJournal(settings.drafts)
    try:
        journal.forget(words)
    finally:
        journal.close()
    forget_pages(settings.desk_state, words)


def _spellings(contacts: list[dict[str, Any]]) -> set[str]:
    """The contacts as they may stand in a draft: as said, in normal form, in the usual groups."""
    found = {word for contact in contacts for word in (contact["raw"], contact["value"]) if len(word) >= 6}
    for contact in contacts:
        digits = "".join(filter(str.isdigit, contact["raw"]))
        if contact["kind"] is ContactKind.PHONE and len(digits) >= 7:
            found.add(digits)
            found |= {mark.join((digits[:3], digits[3:7], digits[7:])) for mark in (" ", "-")}
    return found


def _plain(value: Any) -> Any:
    import json
    from dataclasses import asdict, is_dataclass

    data = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    return json.loads(json.dumps(data, default=str, ensure_ascii=False))
