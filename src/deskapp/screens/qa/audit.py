"""What an auditor needs: drawn again and compared, the frame's hash, seed, strata, who was left out, the shell line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_views import DrawCheck, RoundLine, RoundView
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.told import line
from deskapp.screens.qa.words import known_word
from deskapp.services.requests.qa.evidence import GetEvidence
from deskapp.services.requests.qa.looking import CheckDraw, GetFrame, GetRound
from deskapp.widgets.cells import fit
from deskapp.widgets.dialogs import AskLine
from deskapp.widgets.lines import Bit

_CELLS = 5  # columns of a line of the frame


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of the list: what is looked at, and how it came out."""

    key: str
    title: str
    found: str = ""
    good: bool = True


class AuditScreen(Page, scope="qa_audit"):
    """The checks left, each with its outcome; the proof of the one under the cursor right."""

    def __init__(self, about: RoundLine) -> None:
        super().__init__()
        self.about = about
        self.check: DrawCheck | None = None
        self.view: RoundView | None = None
        self._frame: list[list[str]] = []

    def ready(self) -> None:
        self.fetch("check", CheckDraw(campaign_id=self.about.id), self._checked)
        self.fetch("round", GetRound(campaign_id=self.about.id), self._viewed)
        self.fetch("frame", GetFrame(campaign_id=self.about.id), self._framed)

    def _checked(self, check: DrawCheck) -> None:
        self.check = check
        self._topics()

    def _viewed(self, view: RoundView) -> None:
        self.view = view
        self._topics()

    def _framed(self, text: str) -> None:
        self._frame = [found.split("\t") for found in text.splitlines()]
        self._topics()

    def _topics(self) -> None:
        check, view = self.check, self.view
        if check is None or view is None:
            return
        same = _("as it was frozen") if check.frame_same else _("NOT as it was frozen")
        drawn = _("as the seed gives it") if check.difference.same else _("NOT as the seed gives it")
        left_out = sum(count for _reason, count in view.exclusions)
        self.put((
            Topic("frame", N_("Frame"), same, check.frame_same),
            Topic("sample", N_("Sample"), drawn, check.difference.same),
            Topic("hand", N_("By hand"), "openssl"),
            Topic("strata", N_("Strata"), str(len(view.strata))),
            Topic("excluded", N_("Left out"), str(left_out)),
            Topic("records", N_("Records"), str(view.line.frame_size)),
        ))  # fmt: skip

    # What is shown

    def head(self) -> str:
        check = self.check
        if check is None:
            return self.about.label
        word = _("everything is as it was drawn") if check.same else _("NOT as it was drawn")
        return _("{round}  drawn again: {word}").format(round=self.about.label, word=word)

    def bits(self, row: Topic) -> Sequence[Bit]:
        style = "" if row.good else "$text-error bold"
        return (
            Bit("x" if row.good else "!", 1, style or "$text-success"),
            Bit(_(row.title), 12),
            Bit(row.found, 0, style),
        )

    def detail(self, row: Topic, width: int) -> Sequence[Piece]:
        teller = {
            "frame": self._frame_told, "sample": self._sample, "hand": self._hand, "strata": self._strata,
            "excluded": self._excluded, "records": self._records,
        }  # fmt: skip
        return teller[row.key](width) if self.check and self.view else []

    def _frame_told(self, width: int) -> list[Piece]:
        assert self.check is not None and self.view is not None
        return [
            line(_("frame of {count} records").format(count=self.view.line.frame_size), width, "bold"),
            line(_("filter {filter}").format(filter=self.view.filter), width),
            line("\nsha256\n" + self.check.frame_hash, width),
            line("\n" + _("From the exported frame, in a shell:"), width, "$quiet"),
            line("LC_ALL=C sort frame.tsv | sha256sum", width, "$accent"),
        ]

    def _sample(self, width: int) -> list[Piece]:
        assert self.check is not None
        found = self.check.difference
        parts = [line(_("seed {seed}").format(seed=self.check.seed), width)]
        parts += [
            line(_("drawn, but not stored: {record}").format(record=r), width, "$text-error") for r in found.missing
        ]
        parts += [
            line(_("stored, but not drawn: {record}").format(record=r), width, "$text-error") for r in found.extra
        ]
        if found.same:
            parts.append(line(_("Frame and seed give exactly the records that are stored."), width, "$text-success"))
        return parts

    def _hand(self, width: int) -> list[Piece]:
        assert self.check is not None
        return [
            line(_("The lot of {record}, with nothing but openssl:").format(record=self.check.example), width, "bold"),
            # Not broken at words: it is copied as one line.
            (f"\n{self.check.openssl}\n", "$accent"),
            line("\n" + _("It must print:"), width, "$quiet"),
            line(self.check.lot, width),
            line("\n" + _("The records with the lowest lots of a stratum are its sample."), width, "$quiet"),
        ]

    def _strata(self, width: int) -> list[Piece]:
        assert self.view is not None
        first = min(20, width - 26)
        parts: list[Piece] = [(fit(_("stratum"), first) + f"{'N':>7}{'n':>6}  " + _("replaced") + "\n", "bold")]
        for row in self.view.strata:
            parts.append(
                f"{fit(known_word(row.name) or _('all'), first)}{row.population:>7}{row.n:>6}  {row.replaced or ''}\n"
            )
        return parts

    def _excluded(self, width: int) -> list[Piece]:
        assert self.view is not None
        if not self.view.exclusions:
            return [line(_("Nothing that the filter met was left out."), width)]
        parts = [line(f"{count:>6}  {_(reason)}", width) for reason, count in self.view.exclusions]
        parts += [line(" ".join(cells[1:]), width, "$quiet") for cells in self._frame if cells[0] == "excluded"]
        return parts

    def _records(self, width: int) -> list[Piece]:
        rows = [cells for cells in self._frame if cells[0] == "record"]
        return [line(_("All records of the frame, with their strata:"), width, "$quiet"),
                *(fit("  ".join(cells[1:3]), width) + "\n" for cells in rows)]  # fmt: skip

    # Keys

    def action_audit_write(self) -> None:
        if not self.may_do("qa.export"):
            self.shell.tell(_("QA lead and auditor write the evidence."))
            return

        def take(text: str | None) -> None:
            if text:
                self.fetch(
                    "files", GetEvidence(campaign_id=self.about.id), lambda files: self._write(Path(text), files)
                )

        title = _("A new folder for frame, seed, draw, scores, report and check.sh")
        self.app.push_screen(AskLine(title, value=f"{self.about.label}-evidence", limit=1000), take)

    def _write(self, folder: Path, files: dict[str, str]) -> None:
        folder = folder.expanduser()
        try:
            folder.mkdir(parents=True, exist_ok=False)
            for name, text in files.items():
                (folder / name).write_text(text, encoding="utf-8")
        except OSError as error:
            self.shell.tell(_("Not written: {why}").format(why=error.strerror or error), severity="error",
                            hint=_("Name a new folder."))  # fmt: skip
            return
        self.shell.tell(_("Written: {path}").format(path=folder))


__all__ = ["AuditScreen"]
