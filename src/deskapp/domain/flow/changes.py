"""What a new version of a flow changes, in words: what a person reads before it is published."""

from collections.abc import Iterator, Mapping
from typing import Any

from deskapp.domain.flow.explain import Change, diff_flows
from deskapp.domain.flow.model import Flow, canonical_json, to_data
from deskapp.domain.i18n import N_, _, language

_SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
_GROUPS = {"flow": N_("flow"), "questions": N_("question"), "outcomes": N_("outcome"), "adds": N_("additions")}
_UNTOLD = frozenset({"version", "status"})


def told_changes(old: Flow | None, new: Flow) -> tuple[str, ...]:
    """Lines with a sign in front: + added, - removed, ~ changed (with what was and what is), > moved.

    Without an old flow everything is new, which is said by the counts. Version, status and tests are not told.
    """
    if old is None:
        counts = _("{questions} questions, {outcomes} outcomes, {tests} tests")
        return (
            "+ " + counts.format(questions=len(new.questions), outcomes=len(new.outcomes), tests=len(new.tests)),
            *(f"+ {_(_GROUPS['outcomes'])} {item.grade.value} {item.id}: {item.title.get(language())}"
              for item in new.outcomes),
        )  # fmt: skip
    before, after = to_data(old), to_data(new)
    return tuple(line for change in diff_flows(old, new) for line in _told(change, before, after))


def _told(change: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    fields = tuple(name for name in change.fields if name not in _UNTOLD)
    if change.group == "flow" and not fields:
        return
    name = "" if change.group in ("flow", "adds") else f" {change.id}"
    yield f"{_SIGNS.get(change.kind, '~')} {_(_GROUPS.get(change.group, change.group))}{name}"
    was, now = _item(before, change), _item(after, change)
    if change.kind in ("added", "removed"):
        text = (now or was).get("label") or (now or was).get("title") or {}
        yield f"    {text.get(language(), '')}"
    for field in fields:
        yield f"    {field}:  {_shown(was.get(field))}  >  {_shown(now.get(field))}"


def _item(data: Mapping[str, Any], change: Change) -> Mapping[str, Any]:
    if change.group in ("flow", "adds"):
        return data
    return next((item for item in data[change.group] if item["id"] == change.id), {})


def _shown(value: Any) -> str:
    """A value on one line: a text in the reader's language, the rest as the file has it."""
    if value is None:
        return "-"
    if isinstance(value, Mapping) and {"zh", "en"} <= set(value) and "id" not in value:
        return str(value[language() if language() in value else "en"])
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return str(value.get("id", canonical_json(value)))
    return canonical_json(value) if isinstance(value, bool) else str(value)


__all__ = ["told_changes"]
