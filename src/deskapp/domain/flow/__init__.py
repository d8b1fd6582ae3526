"""Guided intake: what a flow is, what its conditions mean, and what a set of answers makes of it.

`compile_flow(flow)` gives a `CompiledFlow`; `compiled.read(raw)` checks answers, `compiled.evaluate(answers)` tells
everything a screen shows. `lint(flow)` judges a flow before it is published.
"""

from deskapp.domain.flow.cases import CaseResult, run_case
from deskapp.domain.flow.condition import ConditionError, parse
from deskapp.domain.flow.engine import (
    Blocker,
    CompiledFlow,
    ConstraintBroken,
    Evaluation,
    QuestionState,
    Reason,
    State,
    compile_flow,
)  # fmt: skip
from deskapp.domain.flow.explore import Exploration, explore, path_text
from deskapp.domain.flow.findings import Finding, FlowInvalid, Severity
from deskapp.domain.flow.lint import LintReport, lint
from deskapp.domain.flow.model import (
    Add,
    Case,
    Choice,
    Dispatch,
    Flow,
    Kind,
    Mark,
    Outcome,
    Question,
    Synonyms,
    Text,
    content_hash,
    from_data,
    to_data,
)  # fmt: skip
from deskapp.domain.flow.values import Value, check_value, plain_value, show_value
from deskapp.domain.terms import Grade

__all__ = [
    "Add", "Blocker", "Case", "CaseResult", "Choice", "CompiledFlow", "ConditionError", "ConstraintBroken", "Dispatch",
    "Evaluation", "Exploration", "Finding", "Flow", "FlowInvalid", "Grade", "Kind", "LintReport", "Mark", "Outcome",
    "Question", "QuestionState", "Reason", "Severity", "State", "Synonyms", "Text", "Value", "check_value",
    "compile_flow", "content_hash", "explore", "from_data", "lint", "parse", "path_text", "plain_value", "run_case",
    "show_value", "to_data",
]  # fmt: skip
