"""The keys of QA's screens: what each may do, by its own letter and by one that an input method lets through."""

from dataclasses import replace

from deskapp.command_kit import BACK, PANE, REFRESH, Action, Scope, footer
from deskapp.domain.i18n import N_

READ_ON = Action("detail.on", ("ctrl+n",), N_("Read on"), N_("A page on in the text beside the list."), palette=False)
READ_BACK = Action(
    "detail.back", ("ctrl+b",), N_("Read back"), N_("A page back in the text beside the list."), palette=False
)
READING = (READ_ON, READ_BACK, PANE, BACK)
PROPOSE = Action("case.propose", ("g", "f6"), N_("As a case"), N_("Propose this record's story for all to learn from."))
COMPARE = Action("round.compare", ("c", "f7"), N_("Compare"), N_("The raters' scores beside each other; settle them."))
REPORT = Action("round.report", ("f", "f8"), N_("Report"), N_("The figures of the round."))
AUDIT = Action("round.audit", ("d", "f9"), N_("Audit"), N_("Draw again and compare with what is stored."))
NOTICE = Action("round.notice", ("i", "f10"), N_("Notice"), N_("Issue a corrective action on what was found."))
DIGITS = tuple(
    Action(f"score.{n}", (str(n),), N_("Points"), N_("Score and move on; 0 is ten."), palette=False) for n in range(10)
)
ZERO = Action("score.zero", ("x", "f2"), N_("Zero"), N_("Score nothing: not met."))
UNDO = Action("score.undo", ("u", "ctrl+z"), N_("Undo"), N_("Take the last press back."))

QA_SCOPES: dict[str, Scope] = {
    "qa": Scope(
        N_("QA"),
        (
            Action("qa.score", ("s", "f2"), N_("Score next"), N_("Score the next record of your queue."), footer=True),
            Action("qa.open", ("enter",), N_("Open"), N_("Open the line under the cursor."), True, False),
            Action("qa.next", ("tab", "right", "l"), N_("Next part"), N_("To the next part of QA."), True),
            Action("qa.before", ("shift+tab", "left", "h"), N_("Part before"), N_("To the part before.")),
            Action("qa.new", ("n", "f6"), N_("New"), N_("New in this part: a round, a session, a draft."), True),
            Action("qa.find", ("/", "f3"), N_("Find"), N_("Find words among the lines of this part.")),
            Action("qa.review", ("v", "f9"), N_("Quarter"), N_("The pack for the review meeting of a quarter.")),
            *READING[:3],
            REFRESH,
            BACK,
        ),
        ("home",),
    ),
    "qa_plan": Scope(
        N_("Plan a round"),
        (
            Action("plan.edit", ("enter", "f2"), N_("Change"), N_("Change the line under the cursor."), True, False),
            Action("plan.begin", ("ctrl+s",), N_("Begin"), N_("Begin the round with this plan."), True),
            *READING,
        ),
    ),
    "qa_round": Scope(
        N_("Round"),
        (
            Action("round.go", ("g", "f2"), N_("Go on"), N_("Take the next step of the loop."), footer=True),
            footer(COMPARE),
            footer(REPORT),
            footer(AUDIT),
            Action("round.enlarge", ("e", "f3"), N_("Enlarge"), N_("Draw more; what was drawn stays drawn.")),
            Action("round.replace", ("x", "f6"), N_("Replace"), N_("Replace a record that can't be scored.")),
            NOTICE,
            Action("round.void", ("V", "ctrl+w"), N_("Void"), N_("End it; it stays in the books with the reason.")),
            REFRESH,
            *READING,
        ),
    ),
    "qa_compare": Scope(
        N_("Compare"),
        (
            Action("compare.stands", ("a", "f2"), N_("This stands"), N_("Say whose evaluation stands, and why."), True),
            Action("compare.third", ("t", "f3"), N_("Third rater"), N_("A third rater scores it blind: it decides."),
                   True),
            Action("compare.undecided", ("o", "f8"), N_("Undecided"), N_("Show only what is to be settled, or all."),
                   True),
            Action("compare.record", ("v", "f7"), N_("Record"), N_("The record as it stood, or the scores."), True),
            PROPOSE,
            Action("compare.exam", ("E", "f9"), N_("Exam case"), N_("A case of an exam; its score is the key.")),
            Action("compare.calibrate", ("b", "f10"), N_("Calibrate"), N_("Let everybody score this record unseen.")),
            *READING,
        ),
    ),
    "qa_result": Scope(
        N_("Result"),
        (
            Action("result.mark", ("space",), N_("Mark"), N_("Mark the item that is not accepted."), True),
            Action("result.dispute", ("d", "f2"), N_("Dispute"), N_("Dispute the marked items, once."), True),
            *READING,
        ),
    ),
    "qa_dispute": Scope(
        N_("Dispute of a score"),
        (
            *DIGITS,
            replace(ZERO, keys=("x", "f6")),
            Action("dispute.uphold", ("y", "f2"), N_("Uphold"), N_("The points that were given here stand."), True),
            Action("dispute.reject", ("n", "f3"), N_("Reject"), N_("The score stands, with the reason."), True),
            footer(UNDO),
            *READING,
        ),
    ),
    "qa_action": Scope(
        N_("Corrective action"),
        (
            Action("action.done", ("d", "f2"), N_("Done"), N_("Say what was done; later records prove it."), True),
            Action("action.verify", ("v", "f3"), N_("Verify"), N_("Judge the proof: by rule, or by its round."), True),
            Action("action.round", ("n", "f6"), N_("Its round"), N_("Plan the round that proves it."), True),
            Action("action.void", ("V", "ctrl+w"), N_("Void it"), N_("End it; it stays in the books with the reason.")),
            *READING,
        ),
    ),
    "qa_report": Scope(
        N_("Report"),
        (
            Action("report.write", ("w", "f2"), N_("Write out"), N_("Write the report as HTML, XLSX or CSV."), True),
            *READING[:3],
            footer(BACK),
        ),
    ),
    "qa_audit": Scope(
        N_("Audit"),
        (
            Action("audit.write", ("w", "f2"), N_("Evidence"), N_("Write frame, seed, draw and scores."), True),
            *READING[:3],
            footer(BACK),
        ),
    ),
    "qa_case": Scope(
        N_("Case"),
        (
            Action("case.approve", ("y", "f2"), N_("Share"), N_("Share it with everybody (the QA lead)."), True),
            Action("case.edit", ("e", "f3"), N_("Mend"), N_("Mend the story before it is shared."), True),
            *READING[:3],
            footer(BACK),
        ),
    ),
    "qa_review": Scope(
        N_("Quarterly review"),
        (
            Action("review.before", ("left", "h"), N_("Quarter before"), N_("The quarter before this one."), True),
            Action("review.next", ("right", "l"), N_("Next quarter"), N_("The quarter after this one."), True),
            *READING[:3],
            footer(BACK),
        ),
    ),
    "qa_session": Scope(
        N_("Session"),
        (
            *DIGITS,
            ZERO,
            Action("session.na", ("n", "f3"), N_("Not applicable"), N_("The item does not apply here."), True),
            footer(UNDO),
            Action("session.note", (";", "f10"), N_("Note"), N_("Note what was agreed about the item.")),
            Action("session.send", ("ctrl+s",), N_("Send"), N_("Send your points; or settle the consensus."), True),
            Action("session.close", ("c", "f6"), N_("Close"), N_("Close it: from now on all points are seen."), True),
            Action("compare.record", ("v", "f7"), N_("Record"), N_("The record as it stood, or the scores.")),
            *READING,
        ),
    ),
    "qa_card": Scope(
        N_("The card"),
        (
            Action("card.save", ("ctrl+s",), N_("Save"), N_("Keep the draft."), True),
            Action("card.edit", ("enter", "f2"), N_("Change"), N_("Change the line under the cursor."), True, False),
            Action("card.add", ("n", "f6"), N_("Add"), N_("Add an item to this section."), True),
            Action("card.section", ("s", "f5"), N_("Section"), N_("Begin a section at this item.")),
            Action("card.changes", ("d", "f8"), N_("Changes"), N_("Show what differs, or the line."), True),
            Action("card.publish", ("P", "f10"), N_("Publish"), N_("Publish it; it never changes again."), True),
            Action("card.remove", ("delete", "ctrl+d"), N_("Remove"), N_("Take an item off, or a heading.")),
            Action("card.up", ("K", "f7"), N_("Move up"), N_("Move the line up, a section with its items.")),
            Action("card.down", ("J", "f9"), N_("Move down"), N_("Move the line down, a section with its items.")),
            Action("card.whole", ("t", "f3"), N_("The card"), N_("Change title, pass mark, critical findings.")),
            *READING,
        ),
    ),
    "score": Scope(
        N_("Scoring"),
        (
            *DIGITS,
            ZERO,
            Action("score.submit", ("ctrl+s",), N_("Submit"), N_("Submit and open the next."), True),
            Action("score.na", ("n", "f3"), "N/A", N_("Does not apply; the reason is asked."), True),
            Action("score.evidence", ("e", "f4"), N_("Evidence"), N_("Attach the line under the cursor."), True),
            Action("score.critical", ("c", "f6"), N_("Critical"), N_("A critical finding; for whom is asked."), True),
            Action("score.minor", ("m", "f7"), N_("Minor"), N_("A minor finding on the item.")),
            Action("score.major", ("j", "f8"), N_("Major"), N_("A major finding on the item.")),
            Action("score.template", ("t", "f9"), N_("Template"), N_("Add a ready sentence to the comment.")),
            Action("score.comment", (";", "f10"), N_("Comment"), N_("Write a comment on the record.")),
            footer(UNDO),
            Action("score.search", ("/", "ctrl+f"), N_("Search"), N_("Find words in the record.")),
            Action("score.line_down", ("down",), N_("Line down"), N_("Next line of the record."), palette=False),
            Action("score.line_up", ("up",), N_("Line up"), N_("Line before of the record."), palette=False),
            Action("score.page_down", ("pagedown",), N_("Page down"), N_("A page on in the record."), palette=False),
            Action("score.page_up", ("pageup",), N_("Page up"), N_("A page back in the record."), palette=False),
            Action("score.next_item", ("right",), N_("Next item"), N_("To the next item."), palette=False),
            Action("score.item_before", ("left",), N_("Item before"), N_("To the item before."), palette=False),
            replace(PANE, keys=("p", "f5")),
            BACK,
        ),
    ),
}  # fmt: skip
