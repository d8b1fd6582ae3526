"""A customer's file: contacts, machines, preferences, everything that happened, newest first."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, tzinfo
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content

from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.terms import LABELS, ContactKind, PreferenceKind
from deskapp.domain.text import guard
from deskapp.domain.views import CustomerBrief, CustomerView
from deskapp.screens.base import DeskScreen
from deskapp.services.requests import customers as ask
from deskapp.services.requests import privacy
from deskapp.services.requests.base import Command, Receipt
from deskapp.widgets.dialogs import AskLine, Choice, Choose, Told
from deskapp.widgets.facts import Part, preferences, ticket_brief, timeline
from deskapp.widgets.form import Form, Line
from deskapp.widgets.text import Live


class CustomerScreen(DeskScreen[None], scope="customer"):
    """Who it is and how they want to be served on the left, what happened on the right."""

    CSS_PATH = "../styles/customer.tcss"

    def __init__(self, customer_id: UUID) -> None:
        super().__init__()
        self._about = customer_id
        self._customer: CustomerView | None = None
        self._ended = False
        self._twins: tuple[CustomerBrief, ...] = ()

    def place(self) -> str:
        return self._customer.name if self._customer else _("Customer")

    def body(self) -> ComposeResult:
        with Horizontal():
            with VerticalScroll(id="file"):
                yield Live(self._file, hang=True)
            with VerticalScroll(id="history"):
                yield Live(self._history, hang=True)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#file").focus()

    def ready(self) -> None:
        waits = self._customer is None
        self.fetch("customer", ask.GetCustomer(customer_id=self._about), self._show, keys_wait=waits)

        self.fetch("twins", privacy.FindDuplicates(customer_id=self._about), self._tell_twins)

    def _tell_twins(self, twins: tuple[CustomerBrief, ...]) -> None:
        self._twins = twins
        self.query_one("#file Live").refresh(layout=True)

    def changed(self, tickets: frozenset[UUID] | None) -> None:
        known = {ticket.id for ticket in self._customer.tickets} if self._customer else set()
        if tickets is None or tickets & known:
            self.ready()

    def _show(self, customer: CustomerView) -> None:
        self._customer = customer
        for live in self.query(Live):
            live.refresh(layout=True)
        self.show_who()

    @property
    def _zone(self) -> tzinfo:
        zone = self.shell.local(self.shell.clock.now()).tzinfo
        assert zone is not None
        return zone

    # What is shown

    def _file(self) -> Content:
        customer = self._customer
        if customer is None:
            return Content(self.nothing(_("This customer is not here.")))
        parts: list[Part] = [(guard(customer.name), "bold"), f"  C-{customer.number}"]
        told = [customer.language, *customer.tags]
        if customer.since:
            told.append(_("since {year}").format(year=customer.since.year))
        parts.append((f"  {guard('  '.join(part for part in told if part))}\n", "$quiet"))
        if customer.erased_at:
            parts.append((_("Erased on request; the service record stays without a name.") + "\n", "$text-warning"))
        for contact in customer.contacts:
            extension = f" x{contact.extension}" if contact.extension else ""
            parts.append((f"{_(LABELS[contact.kind])}: ", "$quiet"))
            parts.append(
                f"{guard(contact.raw)}{guard(extension) if not contact.raw.endswith(contact.extension) else ''}"
            )
            # The normal form tells how the number was understood: the desk's region, or the country that was said.
            normal = contact.value if contact.kind is ContactKind.PHONE and contact.value.startswith("+") else ""
            notes = [note for note in (normal if normal != contact.raw else "", contact.label) if note]
            parts.append((f"  {guard('  '.join(notes))}\n" if notes else "\n", "$quiet"))
        for twin in self._twins[:3]:
            perhaps = _("perhaps the same person: C-{number} {name} ({what})").format(
                number=twin.number, name=guard(twin.name), what=_SAME[twin.matched]()
            )
            parts.append((perhaps + "  g\n", "$text-warning"))
        if customer.masked:
            parts.append((_("Numbers are hidden from your role.") + "\n", "$quiet"))
        parts.append(("\n" + _("PREFERENCES") + "\n", "$accent bold"))
        now = self.shell.clock.now()
        kept = list(preferences(customer.preferences, now, self._zone, ended=self._ended))
        parts += kept or [(self._none_yet(_("None yet. Press {key} to remember one."), "preference.add"), "$quiet")]
        parts.append(("\n" + _("MACHINES") + "\n", "$accent bold"))
        for machine in customer.machines:
            parts.append(
                "  ".join(guard(p) for p in (machine.product, machine.model, machine.serial, machine.place) if p)
            )
            until = machine.warranty_until
            if until:
                in_force = until >= now.astimezone(self._zone).date()
                told_warranty = _("warranty to {day}") if in_force else _("warranty ended {day}")
                parts.append(
                    (f"  {told_warranty.format(day=f'{until:%Y-%m-%d}')}", "" if in_force else "$text-warning")
                )
            parts.append("\n")
        if not customer.machines:
            parts.append((self._none_yet(_("None yet. Press {key} to add one."), "machine.save"), "$quiet"))
        return Content.assemble(*parts)

    def _none_yet(self, told: str, action: str) -> str:
        return told.format(key=self.key(action)) + "\n"

    def _history(self) -> Content:
        customer = self._customer
        if customer is None:
            return Content("")
        now, zone = self.shell.clock.now(), self._zone
        parts: list[Part | Content] = [
            (_("TICKETS  {count}").format(count=len(customer.tickets)) + "\n", "$accent bold")
        ]
        for ticket in customer.tickets[:12]:
            parts += ticket_brief(ticket, now, zone)
        stars = [t.satisfaction for t in customer.tickets if t.satisfaction]
        if stars:
            told = _("Satisfaction {mean:.1f} of 5 over {count} calls").format(
                mean=sum(stars) / len(stars), count=len(stars)
            )
            parts.append((told + "\n", "$quiet"))
        parts.append(("\n" + _("HISTORY") + "\n", "$accent bold"))
        parts.append(timeline(reversed(customer.timeline), now, zone, tickets=True))
        return Content.assemble(*parts)

    # What the keys do

    def action_customer_ticket(self) -> None:
        tickets = self._customer.tickets if self._customer else ()
        choices = [
            Choice(t.id, f"T-{t.number}  {t.subject}", f"{_(LABELS[t.status])}  {t.opened_at:%Y-%m-%d}")
            for t in tickets
        ]
        self.app.push_screen(
            Choose(_("Open which ticket?"), choices), lambda t: self.shell.open_ticket(t) if t is not None else None
        )

    def action_customer_edit(self) -> None:
        if (customer := self._customer) is None:
            return
        lines = [
            Line("name", _("Name"), customer.name, 120, required=True),
            Line("language", _("Language"), customer.language, words=(("", "-"), ("zh", "中文"), ("en", "English"))),
            Line("tags", _("Tags"), ",".join(customer.tags), 200, hint=_("separated by commas")),
        ]
        self._form(
            _("Correct the file"),
            lines,
            lambda v: ask.EditCustomer(
                customer_id=customer.id,
                version=customer.version,
                name=v["name"],
                language=v["language"],
                tags=v["tags"],
            ),
        )

    def action_contact_add(self) -> None:
        lines = [
            Line("kind", _("Kind"), words=tuple((k.value, _(LABELS[k])) for k in ContactKind)),
            Line("raw", _("Number or address"), required=True),
            Line("label", _("Label"), limit=40, hint=_("office, mother ...")),
        ]
        self._form(
            _("Add a contact"),
            lines,
            lambda v: ask.AddContact(
                customer_id=self._about, kind=ContactKind(v["kind"]), raw=v["raw"], label=v["label"]
            ),
        )

    def action_contact_end(self) -> None:
        contacts = self._customer.contacts if self._customer else ()
        choices = [Choice(c.id, c.raw, _(LABELS[c.kind])) for c in contacts]
        self._choose(_("Which contact is no longer good?"), choices, lambda c: ask.EndContact(contact_id=c))

    def action_machine_save(self) -> None:
        lines = [
            Line("product", _("Product"), limit=80, required=True),
            Line("model", _("Model"), limit=80),
            Line("serial", _("Serial number"), limit=80),
            Line("bought_on", _("Bought on"), limit=10, hint="2024-06-18"),
            Line("warranty_until", _("Warranty to"), limit=10, hint="2030-06-18"),
            Line("place", _("Place"), limit=120),
        ]
        self._form(
            _("Add a machine"),
            lines,
            lambda v: ask.SaveMachine(
                customer_id=self._about,
                product=v["product"],
                model=v["model"],
                serial=v["serial"],
                place=v["place"],
                bought_on=_day(v, "bought_on"),
                warranty_until=_day(v, "warranty_until"),
            ),
        )

    def action_preference_add(self) -> None:
        lines = [
            Line("kind", _("Kind"), words=tuple((k.value, _(LABELS[k])) for k in PreferenceKind)),
            Line("text", _("What to remember"), required=True),
            Line("source", _("From whom"), _("customer, on the phone"), 80),
            Line("valid_until", _("Holds until"), limit=10, hint=_("2026-12-31; empty: until further notice")),
            Line("consent", _("The customer agrees"), words=(("yes", _("yes")), ("no", _("no")))),
            Line("pinned", _("Show first"), words=(("no", _("no")), ("yes", _("yes")))),
        ]
        self._form(
            _("Remember how they want to be served"),
            lines,
            lambda v: ask.AddPreference(
                customer_id=self._about,
                kind=PreferenceKind(v["kind"]),
                text=v["text"],
                source=v["source"],
                valid_until=_day(v, "valid_until"),
                consent=v["consent"] == "yes",
                pinned=v["pinned"] == "yes",
            ),
        )

    def action_preference_end(self) -> None:
        self._choose(_("Which preference holds no more?"), self._kept(), lambda p: ask.EndPreference(preference_id=p))

    def action_preference_pin(self) -> None:
        pinned = {p.id: p.pinned for p in self._customer.preferences} if self._customer else {}
        self._choose(
            _("Show which one first? (again: no longer)"),
            self._kept(),
            lambda p: ask.PinPreference(preference_id=p, pinned=not pinned[p]),
        )

    def _kept(self) -> list[Choice[UUID]]:
        kept = self._customer.preferences if self._customer else ()
        return [Choice(p.id, p.text, _(LABELS[p.kind])) for p in kept if p.ended_at is None]

    def action_contacts_reveal(self) -> None:
        if (customer := self._customer) is None:
            return
        if not customer.masked:
            self.shell.tell(_("Nothing is hidden from you here."))
            return

        def reveal(reason: str | None) -> None:
            if reason:
                self.shell.dispatch(privacy.RevealContacts(customer_id=customer.id, reason=reason))

        self.app.push_screen(AskLine(_("Show the numbers: why? It is written down."), limit=300), reveal)

    def action_customer_merge(self) -> None:
        if (customer := self._customer) is not None:
            self.fetch(
                "duplicates", privacy.FindDuplicates(customer_id=customer.id), self._which_duplicate, keys_wait=True
            )

    def _which_duplicate(self, found: tuple[CustomerBrief, ...]) -> None:
        if not found:
            self.shell.tell(_("No other file has the same number, or the same name and address."))
            return
        files = {brief.id: brief for brief in found}
        choices = [
            Choice(b.id, f"C-{b.number}  {b.name}  {b.phone}", _("same: {what}").format(what=_SAME[b.matched]()))
            for b in found
        ]
        self.app.push_screen(
            Choose(_("Which file is the same person? It moves into this one."), choices),
            lambda chosen: self._preview(files[chosen]) if chosen is not None else None,
        )

    def _preview(self, other: CustomerBrief) -> None:
        customer = self._customer
        assert customer is not None

        def confirm(moves: Mapping[str, int]) -> None:
            told = _(
                "{name} (C-{number}) moves into this file: contacts {contact}, machines {machine}, "
                "preferences {preference}, tickets {ticket}."
            ).format(name=other.name, number=other.number, **moves)
            choices = [Choice(False, _("Leave both as they are")), Choice(True, _("Merge; it can be taken back"))]
            self.app.push_screen(Choose(told, choices), merge)

        def merge(agreed: bool | None) -> None:
            if agreed:
                self.shell.dispatch(privacy.MergeCustomers(from_id=other.id, into_id=customer.id))

        self.fetch("preview", privacy.PreviewMerge(from_id=other.id, into_id=customer.id), confirm, keys_wait=True)

    def action_customer_part(self) -> None:
        if (customer := self._customer) is None:
            return

        def part(agreed: bool | None) -> None:
            if agreed:
                self.shell.dispatch(privacy.UndoMerge(into_id=customer.id))

        choices = [Choice(False, _("Leave it as it is")), Choice(True, _("Part the files again"))]
        self.app.push_screen(Choose(_("Take the last merge into this file back?"), choices), part)

    def action_history_toggle(self) -> None:
        self._ended = not self._ended
        self.query_one("#file Live").refresh(layout=True)

    def action_pane_toggle(self) -> None:
        self.toggle_class("-pane")

    def action_list_refresh(self) -> None:
        self.ready()

    # How a key becomes a command

    def _choose(self, title: str, choices: list[Choice[UUID]], make: Callable[[UUID], Command]) -> None:
        if not choices:
            self.shell.tell(_("There is none."), severity="warning")
            return
        self.app.push_screen(
            Choose(title, choices), lambda chosen: self.shell.dispatch(make(chosen)) if chosen is not None else None
        )

    def _form(self, title: str, lines: Iterable[Line], make: Callable[[Mapping[str, str]], Command]) -> None:
        def send(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self.shell.dispatch(make(values))

        self.app.push_screen(Form(title, tuple(lines), check=make), send)

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, privacy.RevealContacts):
            self.app.push_screen(Told(self.place(), receipt.label.split("  ")))
        elif isinstance(command, privacy.MergeCustomers):
            self.shell.tell(_("Merged. It can be taken back here."))
        elif isinstance(command, privacy.UndoMerge):
            self.shell.tell(_("{name} has its own file again.").format(name=receipt.label))
        self.ready()

    def refused(self, command: Command, error: DeskError) -> bool:
        self.ready()
        return False


# What two files have in common, in words.
_SAME: dict[str, Callable[[], str]] = {
    "phone": lambda: _(LABELS[ContactKind.PHONE]),
    "address": lambda: _(LABELS[ContactKind.ADDRESS]),
}


def _day(values: Mapping[str, str], name: str) -> date | None:
    text = values[name].strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(N_("This is no day: {text}."), hint=N_("Write 2026-12-31."), field=name, text=text) from error
