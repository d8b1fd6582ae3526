"""The commands by name with their lines of help, and how help is laid out; standard library only.

`deskapp --help` is answered from here alone: importing the option parser takes 60 ms, the services half a second.
"""

from collections.abc import Iterable, Mapping, Sequence
from unicodedata import east_asian_width

from deskapp.domain.i18n import N_, _

_WIDTH = 100


class Entry:
    """A command or a group of commands: where its function is, and its line of help."""

    __slots__ = ("commands", "help", "target")

    def __init__(self, target: str, help: str, commands: "dict[str, Entry] | None" = None) -> None:  # noqa: A002
        self.target, self.help, self.commands = target, help, commands


ABOUT = N_("A terminal desk for call centres and after-sales service.")
DB = N_("The desk: a file, sqlite:///… or postgresql://… (DESKAPP_DATABASE).")
AGENT = N_("Who acts; else whoever the OS user is at this desk.")
LANGUAGE = N_("The language of the answer (DESKAPP_LANGUAGE, else LANG).")
JSON = N_("Answer as JSON, for scripts.")
AT = N_("Open an imported log as it stood at this moment, such as 2015-02-10T12:00.")
SPEED = N_("How many seconds of the log pass in one second, with --at.")
VERSION = N_("Print the version.")
HELP = N_("Show this help.")

# What can be given before the command; the same texts as in the option parser.
ROOT_OPTIONS = (
    ("--db ADDRESS", DB), ("--agent LOGIN", AGENT), ("--language en|zh", LANGUAGE), ("--json", JSON),
    ("--at MOMENT", AT), ("--speed FACTOR", SPEED), ("--version", VERSION), ("--help", HELP),
)  # fmt: skip

# The help of root and groups is written from this table alone: no command's module is imported for it.
_queue, _desk, _flow = "deskapp.cli.queue:", "deskapp.cli.desk:", "deskapp.cli.flow:"
_audit, _calendar, _rules = "deskapp.cli.audit:", "deskapp.cli.calendar:", "deskapp.cli.rules:"
_flows, _privacy = "deskapp.cli.flow_desk:", "deskapp.cli.privacy:"
_outbreak = "deskapp.cli.outbreak:"
_qa, _qa_figures = "deskapp.cli.qa:", "deskapp.cli.qa_figures:"
COMMANDS: dict[str, Entry] = {
    "demo": Entry("deskapp.cli.demo:demo", N_("Make a demo desk with three months of work, and open it.")),
    "init": Entry(_desk + "init", N_("Make a new desk; you become its lead and its administrator.")),
    "region": Entry(_desk + "region", N_("Print or set where numbers without a country code are from.")),
    "queue": Entry(_queue + "queue", N_("Print the queue.")),
    "show": Entry(_queue + "show", N_("Print a ticket with its timeline.")),
    "new": Entry("deskapp.cli.ticket:new", N_("Open a ticket.")),
    "note": Entry("deskapp.cli.ticket:note", N_("Write a note into a ticket's timeline.")),
    "claim": Entry("deskapp.cli.ticket:claim", N_("Take a ticket, or the next one of your team.")),
    "solve": Entry("deskapp.cli.ticket:solve", N_("Say that a ticket is solved, and how.")),
    "merge": Entry("deskapp.cli.ticket:merge", N_("Let a ticket go into another one of the same customer.")),
    "shift": Entry("", N_("The end of a shift: what is left, who takes it over, the report."), {
        "duties": Entry("deskapp.cli.shift:duties", N_("Print what somebody would hand over now.")),
        "handover": Entry("deskapp.cli.shift:handover", N_("Hand duties over; each ticket's owner stays.")),
        "report": Entry("deskapp.cli.shift:report", N_("Print the report of a shift, or write it to a file.")),
    }),
    "customer": Entry("", N_("Look up customers."), {
        "find": Entry("deskapp.cli.customer:find", N_("Find customers by number, name, serial number or address.")),
        "show": Entry(_privacy + "show", N_("Print a customer's file, and who may be the same person.")),
        "merge": Entry(_privacy + "merge", N_("Let one file take another over, or undo it.")),
        "reveal": Entry(_privacy + "reveal", N_("Print masked numbers; it is written down.")),
        "export": Entry(_privacy + "export", N_("Hand a customer's data out, as JSON.")),
        "erase": Entry(_privacy + "erase", N_("Erase a customer; the service record stays without names.")),
    }),
    "people": Entry("", N_("Say who works here, in which teams."), {
        "list": Entry("deskapp.cli.people:people", N_("Print who works here.")),
        "save": Entry("deskapp.cli.people:save", N_("Add somebody, or change what is known of them.")),
        "teams": Entry("deskapp.cli.people:teams", N_("Print the teams.")),
        "team": Entry("deskapp.cli.people:save_team", N_("Add a team, or change it.")),
    }),
    "import": Entry("deskapp.cli.importing:import_file", N_("Bring in the log of another system.")),
    "export": Entry("deskapp.cli.export:export", N_("Write tickets to a file, for spreadsheets and scripts.")),
    "visit": Entry("", N_("Visits of technicians."), {
        "card": Entry(_privacy + "card", N_("Print the technician's card, as text or as a page.")),
    }),
    "flow": Entry("", N_("Check, test, draw, explain, run and compare guided flows."), {
        "check": Entry(_flow + "check", N_("Find what is wrong with flows; every path is walked.")),
        "test": Entry(_flow + "run_flow_tests", N_("Run the tests that live in the flows.")),
        "graph": Entry(_flow + "graph", N_("Draw a flow as text, Mermaid or SVG.")),
        "explain": Entry(_flow + "explain", N_("Say why each question is asked and each outcome holds.")),
        "run": Entry(_flow + "run", N_("Take a case line by line.")),
        "diff": Entry(_flow + "diff", N_("Compare two versions; with answers, show what their draft keeps.")),
        "schema": Entry(_flow + "schema", N_("Print the JSON schema of flow files, for editors.")),
        "publish": Entry(_flows + "publish", N_("Publish a flow for new calls; a published version never changes.")),
        "sign": Entry(_flows + "sign", N_("Sign the content of a flow as its reviewer.")),
        "published": Entry(_flows + "published", N_("Print the flows of the desk.")),
        "retire": Entry(_flows + "retire", N_("Offer a flow no more, or again.")),
        "stats": Entry(_flows + "stats", N_("Print how flows and their questions fared.")),
        "import-xlsform": Entry(_flow + "import_xlsform", N_("Make a draft flow of a survey.")),
    }),
    "practice": Entry("", N_("Rehearse flows with a scripted caller; who has practised."), {
        "run": Entry("deskapp.cli.practice:run", N_("Take a call of a scripted caller, line by line.")),
        "results": Entry("deskapp.cli.practice:results", N_("Print who practised this month, and how it went.")),
    }),
    "calendar": Entry("", N_("Ask the working calendar: when is it due, and why."), {
        "show": Entry(_calendar + "show", N_("Print a month: hours, holidays, make-up workdays.")),
        "list": Entry(_rules + "list_calendars", N_("Print the desk's calendars, and which one new tickets get.")),
        "use": Entry(_rules + "use", N_("Give new tickets another calendar.")),
        "holidays": Entry(_rules + "holidays", N_("Fetch public holidays of more years or of another country.")),
        "check": Entry(_calendar + "check", N_("Check a calendar file.")),
        "add": Entry(_calendar + "add", N_("Say when an amount of time after a moment is used up.")),
        "subtract": Entry(_calendar + "subtract", N_("Say from when an amount of time ends at a moment.")),
        "between": Entry(_calendar + "between", N_("Count the open time between two moments.")),
        "open": Entry(_calendar + "is_open", N_("Say whether the desk is open.")),
        "next": Entry(_calendar + "following", N_("Say when it opens and closes next.")),
        "workdays": Entry(_calendar + "workdays", N_("Count the working days between two moments.")),
    }),
    "sla": Entry("", N_("Promises of tickets."), {
        "explain": Entry(_calendar + "explain", N_("Say why a ticket's promises are due when they are.")),
        "policies": Entry(_rules + "list_policies", N_("Print the versions of the desk's policy.")),
        "load": Entry(_rules + "load", N_("Load an edited policy file, after saying what it changes.")),
    }),
    "qa": Entry("", N_("Quality assurance: sample, score, agree, correct, prove."), {
        "plan": Entry(_qa + "plan", N_("Show what a plan would draw and cost, and begin its campaign.")),
        "freeze": Entry(_qa + "freeze", N_("Store the frame of a campaign and its hash.")),
        "draw": Entry(_qa + "draw", N_("Fix the seed and draw the sample.")),
        "redraw": Entry(_qa + "redraw", N_("Draw again from frame and seed, and compare.")),
        "assign": Entry(_qa + "assign", N_("Deal the records to raters.")),
        "replace": Entry(_qa + "replace", N_("Replace a record that can't be scored from the reserve.")),
        "step": Entry(_qa + "step", N_("Take the next step: reveal, release, report.")),
        "status": Entry(_qa + "status", N_("Print the campaigns, or how one stands.")),
        "agreement": Entry(_qa_figures + "agreement", N_("Print how far the raters agree, and who is strict.")),
        "report": Entry(_qa_figures + "report", N_("Print a campaign's report, or write it as HTML, XLSX, CSV.")),
        "review": Entry(_qa_figures + "review", N_("Print the pack for a review meeting, or write it.")),
        "exam": Entry(_qa_figures + "exam", N_("Print who passed an exam, and how far from its key.")),
        "verify": Entry(_qa_figures + "verify", N_("Prove a corrective action.")),
        "export": Entry(_qa_figures + "export", N_("Write everything that proves a campaign, as files.")),
    }),
    "audit": Entry("", N_("Read the audit ledger and check that it is whole."), {
        "show": Entry(_audit + "show", N_("Print what was done, by whom, when.")),
        "verify": Entry(_audit + "verify", N_("Recompute the chain; with an anchor, see any change behind it.")),
        "anchor": Entry(_audit + "anchor", N_("Print where the chain stands, to keep on paper or elsewhere.")),
    }),
    "outbreak": Entry("", N_("Mass faults: look for them, decide, tell the customers, close."), {
        "scan": Entry(_outbreak + "scan", N_("Look for mass faults, now or as of a day; proposals go to a lead.")),
        "list": Entry(_outbreak + "list_them", N_("Print the mass faults under way.")),
        "show": Entry(_outbreak + "show", N_("Print a mass fault: reasons, plan, history, tickets.")),
        "confirm": Entry(_outbreak + "confirm", N_("It is one: link its tickets, begin its level and plan.")),
        "dismiss": Entry(_outbreak + "dismiss", N_("It is none, and why.")),
        "level": Entry(_outbreak + "level", N_("Lower the level by hand; it rises by itself.")),
        "done": Entry(_outbreak + "done", N_("Say that an action of the plan is done, or call it off.")),
        "broadcast": Entry(_outbreak + "broadcast", N_("Tell all its customers the same, in each open ticket.")),
        "solve": Entry(_outbreak + "solve", N_("Solve its open tickets with one resolution, while it is closing.")),
        "close": Entry(_outbreak + "close", N_("It is mended: begin closing; a second time: end it.")),
    }),
    "db": Entry("", N_("Look after the database."), {
        "upgrade": Entry(_desk + "upgrade", N_("Bring the desk's tables to this deskapp, after a backup.")),
        "status": Entry(_desk + "status", N_("Say how the desk's tables stand to this deskapp.")),
    }),
    "backup": Entry(_desk + "backup", N_("Write a backup of the desk.")),
    "restore": Entry(_desk + "restore", N_("Put a backup in the place of a desk.")),
    "doctor": Entry(_desk + "doctor", N_("Say what is wrong with this machine or desk, and how to mend it.")),
}  # fmt: skip


def root_help() -> str:
    """The help of the root, in the language in force."""
    return help_text(
        "deskapp [OPTIONS] COMMAND [ARGS]...", ABOUT, [], [(name, _(text)) for name, text in ROOT_OPTIONS], COMMANDS
    )


def help_text(
    usage: str,
    about: str,
    arguments: Sequence[tuple[str, str]],
    options: Sequence[tuple[str, str]],
    commands: Mapping[str, Entry],
) -> str:
    """Lay out a page of help."""
    parts = [f"{_('Usage:')} {usage}", *_wrapped(_(about), 2)]
    listed = [(name, _(entry.help)) for name, entry in commands.items()]
    for title, rows in ((_("Arguments:"), arguments), (_("Options:"), options), (_("Commands:"), listed)):
        if rows:
            parts += ["", title, *_rows(rows)]
    return "\n".join(parts) + "\n"


def _rows(rows: Iterable[tuple[str, str]]) -> Iterable[str]:
    rows = list(rows)
    column = min(30, max(_cells(name) for name, _text in rows)) + 4
    for name, text in rows:
        lines = list(_wrapped(text, column)) or [""]
        if _cells(name) + 4 > column:
            yield "  " + name
        else:
            lines[0] = "  " + name + " " * (column - 2 - _cells(name)) + lines[0][column:]
        yield from (line.rstrip() for line in lines)


def _wrapped(text: str, indent: int) -> Iterable[str]:
    """Break at spaces, and after any Chinese character; widths in terminal cells."""
    line, room = "", _WIDTH - indent
    for word in _words(text):
        if line and _cells(line) + _cells(word.rstrip()) > room:
            yield " " * indent + line.rstrip()
            line = ""
        line += word
    if line:
        yield " " * indent + line.rstrip()


def _words(text: str) -> Iterable[str]:
    word = ""
    for char in text:
        word += char
        if char == " " or east_asian_width(char) in "WF":
            yield word
            word = ""
    yield word


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
