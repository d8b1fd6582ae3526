"""Small flows for tests: questions and outcomes in one line each."""

from typing import Any

from deskapp.domain.flow import CompiledFlow, Flow, compile_flow, from_data


def text(word: str) -> dict[str, str]:
    return {"zh": f"{word}中", "en": word}


def question(id_: str, type_: str = "yes_no", choices: str = "", **rest: Any) -> dict[str, Any]:
    found = {"id": id_, "type": type_, "label": text(id_), **rest}
    if choices:
        found["choices"] = [{"id": choice, **text(choice)} for choice in choices.split()]
    return found


def outcome(id_: str, when: str | None = None, grade: str = "green", **rest: Any) -> dict[str, Any]:
    found = {
        "id": id_, "title": text(id_), "grade": grade, "priority": "P3", "sla": "s", "dispatch": "remote",
        "department": "d", **rest,
    }  # fmt: skip
    return {**found, "otherwise": True} if when is None else {**found, "when": when}


def emergency(id_: str, when: str) -> dict[str, Any]:
    kit = {name: [text(name)] for name in ("causes", "tools", "safety_script")}
    return outcome(id_, when, "red", dispatch="emergency", escalate="lead", **kit)


def flow(*questions: dict[str, Any], outcomes: list[dict[str, Any]] | None = None, **rest: Any) -> Flow:
    return from_data(
        {
            "flow": "f", "version": "1.0.0", "status": "draft", "product": "p", "symptom": "s", "department": "d",
            "title": text("title"), "questions": list(questions), "outcomes": outcomes or [outcome("rest")], **rest,
        }
    )  # fmt: skip


def compiled(*questions: dict[str, Any], **rest: Any) -> CompiledFlow:
    return compile_flow(flow(*questions, **rest))
