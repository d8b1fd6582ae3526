"""Every key of the screens, declared once: from here come bindings, footer, palette, help and docs/keys.md.

Run `python -m deskapp.commands docs/keys.md` to write the reference again.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from deskapp.command_kit import (
    BACK,
    CALL_BACK,
    CLAIM,
    FIND_CUSTOMER,
    HAND_OVER,
    NEW_CALL,
    OPEN_CUSTOMER,
    OPEN_TICKET,
    PANE,
    REFRESH,
    RELEASE,
    Action,
    Scope,
    footer,
)
from deskapp.commands_flows import flow_scopes
from deskapp.commands_qa import QA_SCOPES
from deskapp.domain.i18n import N_, _

SCOPES: dict[str, Scope] = {
    "app": Scope(
        N_("Everywhere"),
        (
            Action(
                "help.show", ("f1", "?"), N_("Help"), N_("The keys of this screen."), footer=True, everywhere=True
            ),
            Action(
                "palette.show", ("ctrl+p", ":"), N_("Commands"), N_("Find a command by its name and run it."),
                footer=True, palette=False, everywhere=True,
            ),
            Action("settings.show", ("ctrl+t",), N_("Settings"), N_("Language, colours, keys, marks and bell.")),
            Action("language.switch", ("ctrl+l",), N_("Chinese / English"), N_("Switch the language at once.")),
            Action("theme.next", ("ctrl+y",), N_("Next colours"), N_("Dark, light, high contrast, colour-blind safe.")),
            Action("app.quit", ("ctrl+q",), N_("Quit"), N_("Save drafts and leave."), everywhere=True),
        ),
    ),
    "home": Scope(
        N_("Places"),
        (
            Action("go.desk", ("1",), N_("My desk"), N_("Go to your own work.")),
            Action("go.queue", ("2",), N_("Queue"), N_("Go to all open tickets.")),
            Action("go.qa", ("3",), N_("QA"), N_("Go to quality assurance.")),
            Action("go.wallboard", ("4", "w"), N_("Wallboard"), N_("See how the whole desk stands.")),
            Action("practice.show", ("7", "ctrl+e"), N_("Practice"), N_("Rehearse a flow; see who has practised.")),
            Action("flows.show", ("8", "ctrl+f"), N_("Flows"), N_("Write, test and publish guided flows; figures.")),
            Action("notices.show", ("5",), N_("Notices"), N_("What the desk told you: warnings, misses, red tickets.")),
            Action("slots.show", ("6", "ctrl+o"), N_("Visits"), N_("The windows for visits, and what is booked.")),
            Action("calendar.show", ("9", "ctrl+g"), N_("Calendar"), N_("Hours, holidays and make-up workdays.")),
        ),
    ),
    "list": Scope(
        N_("Lists"),
        (
            Action("list.down", ("j", "down"), N_("Down"), N_("Next line."), palette=False),
            Action("list.up", ("k", "up"), N_("Up"), N_("Line before."), palette=False),
            Action("list.page_down", ("pagedown",), N_("Page down"), N_("A page on."), palette=False),
            Action("list.page_up", ("pageup",), N_("Page up"), N_("A page back."), palette=False),
            Action("list.half_down", ("ctrl+d",), N_("Half a page down"), N_("Half a page on."), palette=False),
            Action("list.half_up", ("ctrl+u",), N_("Half a page up"), N_("Half a page back."), palette=False),
            Action("list.first", ("home",), N_("First"), N_("To the first line."), palette=False),
            Action("list.last", ("end", "G"), N_("Last"), N_("To the last line."), palette=False),
            Action("list.go", ("g",), N_("g g: first"), N_("Twice: to the first line, like Home."), palette=False),
            Action("list.mark", ("space",), N_("Mark"), N_("Mark the line for a command on several."), palette=False),
            Action("list.open", ("enter",), N_("Open"), N_("Open the line under the cursor."), palette=False),
        ),
    ),
    "desk": Scope(
        N_("My desk"),
        (
            footer(NEW_CALL),
            footer(OPEN_TICKET),
            FIND_CUSTOMER,
            Action(
                "ticket.claim_next", ("c", "f5"), N_("Take next"),
                N_("Take the unclaimed ticket of your team that is due first."), footer=True,
            ),
            footer(HAND_OVER),
            OPEN_CUSTOMER,
            CALL_BACK,
            Action("agent.state", ("s", "f8"), N_("My state"), N_("Say that you are ready, on a case or away.")),
            Action(
                "shift.end", ("e", "ctrl+x"), N_("End of shift"),
                N_("Hand your duties over; each ticket's owner stays."),
            ),
            PANE,
            REFRESH,
        ),
        ("home", "list"),
    ),
    "queue": Scope(
        N_("Queue"),
        (
            footer(CLAIM),
            Action(
                "ticket.assign", ("a", "f6"), N_("Assign"), N_("Give the ticket, or all marked ones, to somebody."),
                footer=True,
            ),
            Action("queue.filter", ("f", "f7"), N_("Filter"), N_("Show only some tickets."), footer=True),
            Action("queue.search", ("/", "f3"), N_("Search"), N_("Find tickets by words or a name."), footer=True),
            Action("queue.views", ("s", "f8"), N_("Views"), N_("Use a saved view."), footer=True),
            Action("queue.sort", ("o", "f9"), N_("Sort"), N_("Choose the order; the same one again turns it round.")),
            Action("queue.bulk", ("b", "ctrl+k"), N_("Bulk"), N_("Do something to all marked tickets.")),
            Action("queue.save_view", ("S", "ctrl+s"), N_("Save view"), N_("Keep filter and order under a name.")),
            Action("queue.delete_view", ("D", "ctrl+w"), N_("Delete view"), N_("Delete a saved view of your own.")),
            RELEASE,
            NEW_CALL,
            PANE,
            REFRESH,
            BACK,
        ),
        ("home", "list"),
    ),
    "wallboard": Scope(
        N_("Wallboard"),
        (
            Action(
                "incident.list", ("i", "enter"), N_("Mass faults"),
                N_("Decide on a mass fault, do its plan, tell its customers, close it."), footer=True,
            ),
            Action(
                "incident.scan", ("l", "f8"), N_("Look now"),
                N_("Look for mass faults in the tickets (a lead's right)."), footer=True,
            ),
            REFRESH,
            footer(BACK),
        ),
        ("home",),
    ),
    "ticket": Scope(
        N_("Ticket"),
        (
            Action("note.write", ("n", "f2"), N_("Note"), N_("Write a note for colleagues; Enter keeps it."), True),
            Action(
                "talk.write", ("o", "f3"), N_("Talk"), N_("Words with the customer: call, message, promise."),
                True,
            ),
            Action("ticket.solve", ("s", "f10"), N_("Solve"), N_("Say how it was solved; a call-back is due."), True),
            footer(HAND_OVER),
            Action("ticket.pause", ("w", "f8"), N_("Wait"), N_("Pause until somebody moves; again: go on."), True),
            CALL_BACK,
            CLAIM,
            RELEASE,
            Action("ticket.give", ("a", "f9"), N_("Assign"), N_("Give the ticket to somebody (a lead's right).")),
            Action("ticket.regrade", ("v", "ctrl+v"), N_("Grade"), N_("Change grade or priority, with a reason.")),
            Action("hand_over.answer", ("y", "ctrl+o"), N_("Answer"), N_("Accept a hand-over or send it back.")),
            Action("due.explain", ("i", "f11"), N_("Why due"), N_("Why the promises are due when they are.")),
            Action("ticket.edit", ("e", "ctrl+e"), N_("Correct"), N_("Correct problem, product or fault.")),
            Action("visit.book", ("t", "ctrl+k"), N_("Visit"), N_("Book a visit; again: arrived, done, another time.")),
            Action(
                "case.show", ("q", "ctrl+f"), N_("Questions"), N_("What was asked and answered in the guided call.")
            ),
            Action("visit.card", ("k", "ctrl+a"), N_("Card"), N_("The technician's card, as a page to print too.")),
            Action("cause.confirm", ("m", "f12"), N_("Cause"), N_("Say what it really was, and what was missing.")),
            Action("ticket.reopen", ("z", "ctrl+z"), N_("Reopen"), N_("The same fault is back.")),
            Action("ticket.close", ("Z", "ctrl+w"), N_("Close"), N_("End it without a call-back, with a reason.")),
            Action("ticket.cancel", ("C", "ctrl+d"), N_("Cancel"), N_("It should not be a ticket (a lead's right).")),
            Action(
                "ticket.merge", ("M", "ctrl+g"), N_("Merge"),
                N_("Let it go into another ticket of the customer; on one that did: open that."),
            ),
            Action("owner.move", ("O", "ctrl+u"), N_("Owner"), N_("Give the first-contact ownership away.")),
            OPEN_CUSTOMER,
            PANE,
            REFRESH,
            BACK,
        ),
    ),
    "customer": Scope(
        N_("Customer"),
        (
            Action("preference.add", ("w", "f2"), N_("Remember"), N_("Remember how they want to be served."), True),
            Action("machine.save", ("m", "f3"), N_("Machine"), N_("Add a machine, or correct one."), True),
            Action("contact.add", ("a", "f6"), N_("Contact"), N_("Add a number or an address."), True),
            Action("customer.ticket", ("t", "enter"), N_("Tickets"), N_("Open one of their tickets."), True),
            Action("customer.edit", ("e", "f9"), N_("Correct"), N_("Correct name, language or tags."), True),
            Action(
                "preference.correct", ("c", "f10"), N_("Correct wish"),
                N_("Correct a preference; the former one stays in the history."),
            ),
            Action("preference.end", ("x", "ctrl+x"), N_("End wish"), N_("Say that a preference holds no more.")),
            Action("preference.pin", ("i", "f8"), N_("Pin"), N_("Show a preference first, or no longer.")),
            Action("contact.end", ("d", "ctrl+d"), N_("End contact"), N_("Say that a number is no longer good.")),
            Action(
                "contacts.reveal", ("v", "f7"), N_("Show numbers"),
                N_("Show hidden numbers; who asked is written down."),
            ),
            Action("customer.merge", ("g", "f5"), N_("Merge"), N_("Let this file take over one of the same person.")),
            Action("customer.part", ("z", "ctrl+z"), N_("Part again"), N_("Take the last merge into this file back.")),
            Action("history.toggle", ("h", "ctrl+k"), N_("Ended too"), N_("Show preferences that have ended.")),
            PANE,
            REFRESH,
            BACK,
        ),
    ),
    "find": Scope(N_("Find"), (BACK,)),
    "intake": Scope(
        N_("New call"),
        (
            Action("call.finish", ("f10",), N_("Finish"), N_("Store the call, read the promise out."), True),
            Action(
                "field.jump", ("/", "f9"), N_("Jump"), N_("Go to a question, answer or field by a part of it."), True
            ),
            Action("call.red", ("f8",), N_("Red now"), N_("An emergency: the script, and the lead is told."), True),
            Action("call.note", ("f2",), N_("Note"), N_("Write down what is said beside the questions."), True),
            Action("call.why", ("f4",), N_("Why asked"), N_("Say why this question is asked."), True),
            Action("answer.unknown", ("0", "f5"), N_("Unknown"), N_("The customer does not know.")),
            Action("answer.refused", ("-", "f6"), N_("Refused"), N_("The customer would not say.")),
            Action("call.back", ("shift+tab",), N_("Back"), N_("To the question before; never blocked.")),
            Action(
                "call.continue", ("f11",), N_("Go on with"),
                N_("It is about a ticket that is there: put the contact on it."),
            ),
            Action("call.same", ("f12",), N_("Same person"), N_("Take the file that has this number.")),
            Action("call.draft", ("ctrl+s",), N_("Keep draft"), N_("Keep the call and leave it for later.")),
            replace(OPEN_CUSTOMER, keys=("f7",)),
            Action("call.discard", ("ctrl+g",), N_("Throw away"), N_("Throw what was typed away and leave.")),
            replace(PANE, keys=("f3",)),
            BACK,
        ),
    ),
    **QA_SCOPES,
    "calendar": Scope(
        N_("Calendar"),
        (
            Action("day.edit", ("enter", "f2"), N_("Change"), N_("Give the date other hours, or close it."), True),
            Action("day.usual", ("delete", "ctrl+d"), N_("As usual"), N_("Drop the desk's row for the date."), True),
            Action("month.next", ("pagedown", "n"), N_("Next month"), N_("A month on."), True),
            Action("month.back", ("pageup", "p"), N_("Month before"), N_("A month back."), True),
            Action("day.left", ("left", "h"), N_("Day before"), N_("A day back."), palette=False),
            Action("day.right", ("right", "l"), N_("Next day"), N_("A day on."), palette=False),
            Action("day.up", ("up", "k"), N_("Week before"), N_("A week back."), palette=False),
            Action("day.down", ("down", "j"), N_("Next week"), N_("A week on."), palette=False),
            footer(BACK),
        ),
    ),
    "notices": Scope(
        N_("Notices"),
        (
            footer(OPEN_TICKET),
            Action("notice.see", ("m", "f2"), N_("Seen"), N_("Take note of the line, or of all marked ones."), True),
            Action(
                "notice.see_all", ("A", "f9"), N_("All seen"), N_("Take note of everything that is not red."), True
            ),
            Action("notices.earlier", ("h", "f7"), N_("Earlier"), N_("Show what was told earlier, too."), True),
            REFRESH,
            footer(BACK),
        ),
        ("list",),
    ),
    "slots": Scope(
        N_("Visits"),
        (
            Action("slot.edit", ("enter", "f2"), N_("Change"), N_("Say how many visits fit into the window."), True),
            Action("slot.add", ("a", "f6"), N_("Add"), N_("Add a window, each week or on one date."), True),
            Action("slot.close", ("delete", "ctrl+d"), N_("Close"), N_("Let no visit into the window."), True),
            Action("slot.ticket", ("t", "f3"), N_("Tickets"), N_("Open a ticket whose visit is in the window."), True),
            Action("slot.team", ("m", "f7"), N_("Other team"), N_("See the windows of another team.")),
            Action("week.next", ("pagedown", "n"), N_("Next week"), N_("A week on.")),
            Action("week.back", ("pageup", "p"), N_("Week before"), N_("A week back.")),
            Action("day.left", ("left", "h"), N_("Day before"), N_("A day back."), palette=False),
            Action("day.right", ("right", "l"), N_("Next day"), N_("A day on."), palette=False),
            Action("slot.up", ("up", "k"), N_("Window before"), N_("The window above."), palette=False),
            Action("slot.down", ("down", "j"), N_("Next window"), N_("The window below."), palette=False),
            footer(BACK),
        ),
    ),
    "help": Scope(N_("Help"), (footer(BACK),)),
    "settings": Scope(
        N_("Settings"),
        (
            Action("settings.change", ("enter",), N_("Change"), N_("Change what the cursor is on."), True, False),
            Action(
                "settings.reset", ("delete", "ctrl+d"), N_("As shipped"), N_("Give the key back its shipped value."),
                True, False,
            ),
            footer(BACK),
        ),
    ),
    "sign_on": Scope(N_("Sign on"), (Action("app.leave", ("escape",), N_("Quit"), N_("Leave."), True, False),)),
    "dialog": Scope(N_("Dialogs"), (Action("dialog.cancel", ("escape",), N_("Cancel"), N_("Close it."), True, False),)),
}  # fmt: skip

SCOPES |= flow_scopes(SCOPES["intake"])


def actions_of(scope: str) -> Iterator[Action]:
    """Yield what works on a screen, its own actions first, without those of the whole app."""
    yield from SCOPES[scope].actions
    for included in SCOPES[scope].includes:
        yield from actions_of(included)


def all_actions() -> dict[str, Action]:
    """Every action by id."""
    return {action.id: action for scope in SCOPES.values() for action in scope.actions}


def shown_key(key: str) -> str:
    """A key as people write it: `F5`, `ctrl+p`, `Enter`, `c`."""
    if key.startswith("f") and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


_NAMES = {
    "enter": "Enter", "escape": "Esc", "space": "Space", "up": "Up", "down": "Down", "pageup": "PgUp",
    "pagedown": "PgDn", "home": "Home", "end": "End", "delete": "Del", "tab": "Tab",
}  # fmt: skip


def keys_of(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of an action, by the keys table (`id -> "x,f9"`) where it names the action."""
    return tuple(key.strip() for key in keymap[action.id].split(",")) if action.id in keymap else action.keys


def key_of(action_id: str, keymap: Mapping[str, str]) -> str:
    """The first key of an action, as people write it."""
    return shown_key(keys_of(all_actions()[action_id], keymap)[0])


def key_problems(keymap: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with a keys table: unknown names, keys that do not arrive, clashes."""
    known = all_actions()
    for name in keymap:
        if name not in known:
            yield _("there is no command {name}").format(name=repr(name))
        elif not keymap[name].strip():
            yield _("{name} has no key").format(name=name)
    for name, scope in SCOPES.items():
        holder: dict[str, str] = {}
        for action in (*actions_of(name), *SCOPES["app"].actions):
            # A list opens its line with Enter; what that means, and by which key else, the screen says.
            for key in keys_of(action, keymap):
                if any(part in key for part in _NEVER_ARRIVE):
                    yield _("{key} of {name} does not reach every terminal").format(key=key, name=action.id)
                if holder.setdefault(key, action.id) != action.id and "list.open" not in (holder[key], action.id):
                    told = _("{key} means both {one} and {other} ({place})")
                    yield told.format(key=key, one=holder[key], other=action.id, place=_(scope.title))


_NEVER_ARRIVE = ("ctrl+alt", "alt+ctrl", "ctrl+space", "ctrl+enter")


def reference() -> Iterable[str]:
    """The lines of docs/keys.md."""
    yield "# Keys"
    yield ""
    yield "Written by `python -m deskapp.commands docs/keys.md`; do not edit by hand."
    yield ""
    yield "Every letter has a twin on a function or control key, because an input method swallows letters."
    yield "Other keys are chosen in the settings, by the name of the command:"
    yield ""
    yield "```toml"
    yield "[keys]"
    yield '"ticket.claim" = "t,f5"'
    yield "```"
    for scope in SCOPES.values():
        yield ""
        yield f"## {scope.title}"
        yield ""
        if scope.includes:
            yield "Also: " + ", ".join(f"*{SCOPES[name].title}*" for name in scope.includes) + "."
            yield ""
        yield "| Keys | Does | Name |"
        yield "|---|---|---|"
        for action in scope.actions:
            keys = " ".join(f"`{shown_key(key)}`" for key in action.keys)
            yield f"| {keys} | **{action.label}** {action.help} | `{action.id}` |"


__all__ = [
    "PANE", "SCOPES", "Action", "Scope", "actions_of", "all_actions", "key_problems", "keys_of", "reference",
    "shown_key",
]  # fmt: skip

if __name__ == "__main__":
    Path(sys.argv[1]).write_text("\n".join(reference()) + "\n", encoding="utf-8")
