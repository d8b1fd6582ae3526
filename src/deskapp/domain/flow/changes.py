"""What differs between two versions of a flow: as data, and in words for who reads them before it is published."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deskapp.domain.flow.model import Flow, canonical_json, to_data
from deskapp.domain.i18n import N_, _, language

_SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
_GROUPS = {"flow": N_("flow"), "questions": N_("question"), "outcomes": N_("outcome"), "adds": N_("additions")}
_UNTOLD = frozenset({"version", "status"})


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two versions: a question or outcome `added`, `removed`, `moved` or `changed` in fields."""

    kind: str
    group: str
    id: str
    fields: tuple[str, ...] = ()


def diff_flows(old: Flow, new: Flow) -> tuple[Change, ...]:
    """What differs between two versions of a flow, in the order of the new one, removals last."""
    before, after = to_data(old), to_data(new)
    heads = tuple(
        key for key in sorted({*before, *after})
        if key not in {"questions", "outcomes", "adds", "tests"} and before.get(key) != after.get(key)
    )  # fmt: skip
    found = [Change("changed", "flow", new.id, heads)] if heads else []
    for group in ("questions", "outcomes"):
        found += _diff_items(group, before[group], after[group])
    if before.get("adds") != after.get("adds"):
        found.append(Change("changed", "adds", "adds"))
    return tuple(found)


def _diff_items(group: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    before = {item["id"]: item for item in old}
    after = {item["id"]: item for item in new}
    order = [id_ for id_ in before if id_ in after]
    again = [id_ for id_ in after if id_ in before]
    for id_, item in after.items():
        if id_ not in before:
            yield Change("added", group, id_)
            continue
        fields = tuple(sorted(key for key in {*item, *before[id_]} if item.get(key) != before[id_].get(key)))
        if fields:
            yield Change("changed", group, id_, fields)
        elif order.index(id_) != again.index(id_):
            yield Change("moved", group, id_)
    for id_ in before:
        if id_ not in after:
            yield Change("removed", group, id_)


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


__all__ = ["Change", "diff_flows", "told_changes"]
