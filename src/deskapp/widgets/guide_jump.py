"""Where a call can jump to: every question of the outline and its answers, and the words they are found by."""

from collections.abc import Mapping

from deskapp.domain.flow import Text, show_value
from deskapp.domain.flow.model import Synonyms
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.i18n import language
from deskapp.widgets.dialogs import Choice

# By question and choice (empty: the question itself): pinyin and initials.
JumpWords = Mapping[tuple[str, str], tuple[str, ...]]


def places(session: GuidedSession, words: JumpWords) -> list[Choice[tuple[str, str]]]:
    """Every place with what stands there now; callers talk out of order."""
    found = []
    for item in session.shown():
        question = session.compiled.question(item.id)
        value = session.draft.answers.get(item.id)
        label = question.label.get(language())
        said = show_value(question, value, language()) if value is not None else ""
        named = _named(question.label, question.synonyms, words.get((item.id, ""), ()))
        found.append(Choice((item.id, ""), label, said, named))
        for choice in question.choices:
            named = _named(choice.label, choice.synonyms, words.get((item.id, choice.id), ()))
            found.append(Choice((item.id, choice.id), "  = " + choice.label.get(language()), label, named))
    return found


def _named(label: Text, synonyms: Synonyms, pinyin: tuple[str, ...]) -> str:
    """One line for each text it is found by."""
    return "\n".join((label.zh, label.en, *synonyms.zh, *synonyms.en, *pinyin))


__all__ = ["JumpWords", "places"]
