"""A customer's file: contacts, machines, preferences, everything that happened, newest first."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import tzinfo
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _
from deskapp.domain.terms import LABELS, ContactKind
from deskapp.domain.text import guard
from deskapp.domain.views import CustomerBrief, CustomerView, MachineLine, PreferenceLine
from deskapp.screens.base import DeskScreen
from deskapp.services.requests import customers as ask
from deskapp.services.requests import privacy
from deskapp.services.requests.base import Command, Receipt
from deskapp.widgets.dialogs import AskLine, Choice, Choose, Told
from deskapp.widgets.facts import Part, machine_line, preferences, ticket_brief, timeline
from deskapp.widgets.file_forms import machine_command, machine_lines, preference_command, preference_lines
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
        parts += self._contacts(customer)
        for twin in self._twins[:3]:
            parts += self._twin(twin)
        for taken in customer.took_over[:3]:
            told_taken = _("took over C-{number} {name}, {day}").format(
                number=taken.number, name=guard(taken.name), day=f"{taken.merged_at.astimezone(self._zone):%Y-%m-%d}"
            )
            parts.append((told_taken + "\n", "$quiet"))
        if customer.masked:
            parts.append((_("Numbers are hidden from your role.") + "\n", "$quiet"))
        parts.append(("\n" + _("PREFERENCES") + "\n", "$accent bold"))
        now = self.shell.clock.now()
        kept = list(preferences(customer.preferences, now, self._zone, ended=self._ended))
        parts += kept or [(self._none_yet(_("None yet. Press {key} to remember one."), "preference.add"), "$quiet")]
        parts.append(("\n" + _("MACHINES") + "\n", "$accent bold"))
        today = now.astimezone(self._zone).date()
        for machine in customer.machines:
            parts += [*machine_line(machine, today), "\n"]
        if not customer.machines:
            parts.append((self._none_yet(_("None yet. Press {key} to add one."), "machine.save"), "$quiet"))
        return Content.assemble(*parts)

    def _contacts(self, customer: CustomerView) -> Iterator[Part]:
        seen = set[tuple[ContactKind, str]]()
        for contact in customer.contacts:
            same = (contact.kind, contact.value or contact.raw)
            if same in seen and not contact.label:
                continue
            seen.add(same)
            extension = f" x{contact.extension}" if contact.extension else ""
            shown = contact.raw + ("" if contact.raw.endswith(contact.extension) else extension)
            # The normal form tells how the number was understood: the desk's region, or the country that was said.
            told_whole = contact.kind is not ContactKind.PHONE or contact.raw.startswith(("+", "00"))
            normal = contact.value if contact.value.startswith("+") and not told_whole else ""
            yield (f"{_(LABELS[contact.kind])}: ", "$quiet")
            yield guard(shown)
            notes = "  ".join(note for note in (normal, contact.label) if note)
            yield (f"  {guard(notes)}\n" if notes else "\n", "$quiet")

    def _twin(self, twin: CustomerBrief) -> Iterator[Part]:
        """Another file with the same number or home: a family shares a number, the same name may be the same person."""
        named = {"number": twin.number, "name": guard(twin.name), "what": _SAME[twin.matched]()}
        if twin.matched == "shared":
            yield (_("the same {what}: C-{number} {name}").format(**named) + "\n", "$quiet")
            return
        perhaps = _("perhaps the same person: C-{number} {name} ({what})").format(**named)
        yield (f"{self.key('customer.merge')}  {perhaps}\n", "$text-warning")

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
            told = _("Satisfaction {mean:.1f} of 5, calls asked: {count}").format(
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
        machines = self._customer.machines if self._customer else ()
        if not machines:
            self._machine_form(None)
            return
        choices: list[Choice[MachineLine | str]] = [Choice("", _("Another machine"))]
        choices += [Choice(m, "  ".join(filter(None, (m.product, m.model, m.serial))), m.place) for m in machines]

        def take(chosen: MachineLine | str | None) -> None:
            if chosen is not None:
                self._machine_form(chosen if isinstance(chosen, MachineLine) else None)

        self.app.push_screen(Choose(_("Add a machine, or correct one"), choices), take)

    def _machine_form(self, former: MachineLine | None) -> None:
        title = _("Correct a machine") if former else _("Add a machine")
        self._form(title, machine_lines(former), lambda v: machine_command(self._about, former, v))

    def action_preference_add(self) -> None:
        self._preference_form(None)

    def action_preference_correct(self) -> None:
        kept = {p.id: p for p in self._customer.preferences} if self._customer else {}
        choices = self._kept()
        if not choices:
            self.shell.tell(_("There is none."), severity="warning")
            return
        self.app.push_screen(
            Choose(_("Which preference is to be corrected?"), choices),
            lambda chosen: self._preference_form(kept[chosen]) if chosen is not None else None,
        )

    def _preference_form(self, former: PreferenceLine | None) -> None:
        title = _("Correct what is remembered") if former else _("Remember how they want to be served")
        self._form(title, preference_lines(former), lambda v: preference_command(self._about, former, v))

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

        if not customer.took_over:
            self.shell.tell(_("No file was merged into this one."), severity="warning")
            return
        last = customer.took_over[0]
        title = _("{name} (C-{number}) gets its own contacts, machines, preferences and tickets back?").format(
            name=last.name, number=last.number
        )
        choices = [Choice(False, _("Leave it as it is")), Choice(True, _("Part the files again"))]
        self.app.push_screen(Choose(title, choices), part)

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
    "shared": lambda: _(LABELS[ContactKind.PHONE]),
    "address": lambda: _(LABELS[ContactKind.ADDRESS]),
}
