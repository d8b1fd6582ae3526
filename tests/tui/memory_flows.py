"""The flows of a desk in memory: one for each text to be said, and a real flow that says nothing but those texts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle
from typing import Any
from uuid import UUID, uuid5

from deskapp.domain.flow import Text, compile_flow, from_data, to_data
from deskapp.domain.practice import Caller, callers
from deskapp.domain.views_flow import (
    FlowFigures,
    FlowLine,
    FlowSheet,
    PracticeLine,
    Practiser,
    QuestionFigures,
    SignOffLine,
)
from deskapp.services.flow_files import PACK, load_flow
from deskapp.services.requests import flows, practice
from deskapp.services.requests.flow_figures import GetFlowFigures

_AT = datetime(2026, 11, 1, tzinfo=UTC)


def worded(data: Any, words: Iterator[str]) -> Any:
    """Plain data with every text in both languages replaced by the next word."""
    if isinstance(data, dict):
        put = {key: next(words) for key in ("zh", "en") if isinstance(data.get(key), str)}
        return {key: put.get(key) or worded(item, words) for key, item in data.items()}
    return [worded(item, words) for item in data] if isinstance(data, list | tuple) else data


class MemoryFlows:
    """Answers what is asked about flows; `said` are the texts, else the real flow is shown."""

    said: tuple[str, ...] = ()

    def flow_line(self, number: int = 0) -> FlowLine:
        """A published flow."""
        word = self.said[number] if self.said else "TV fault"
        title = Text(word, word)
        return FlowLine(
            uuid5(UUID(int=1), str(number)), f"tv-fault{number or ''}", "1.0.0", "0" * 64, title, "tv", True, (word,),
            word, True, False, _AT,
        )  # fmt: skip

    def _get_GetFlows(self, actor: Any, query: flows.GetFlows) -> tuple[FlowLine, ...]:
        return tuple(self.flow_line(number) for number in range(len(self.said) or 1))

    def _get_GetFlow(self, actor: Any, query: flows.GetFlow) -> FlowSheet:
        data = to_data(load_flow(PACK / "tv-fault.yaml").flow)
        if self.said:
            data = worded({key: item for key, item in data.items() if key != "tests"}, cycle(self.said))
            compile_flow(from_data(data))
        return FlowSheet(self.flow_line(), data)

    def _get_GetSignOffs(self, actor: Any, query: flows.GetSignOffs) -> tuple[SignOffLine, ...]:
        return tuple(SignOffLine(word, word, _AT, True) for word in self.said[:1])

    def _get_GetFlowFigures(self, actor: Any, query: GetFlowFigures) -> tuple[FlowFigures, ...]:
        words = self.said or ("black",)
        asked = tuple(QuestionFigures(word, Text(word, word), 30, 5, 20, 5, 0, 0, 9, 20.0, 0.0, None) for word in words)
        return tuple(
            FlowFigures(word, Text(word, word), 40, 50, 12, 0.5, 0.5, 0.5, 0.5, ((word, 40),), asked, word)
            for word in words
        )

    def _get_GetCallers(self, actor: Any, query: practice.GetCallers) -> tuple[Caller, ...]:
        compiled = compile_flow(from_data(self._get_GetFlow(actor, flows.GetFlow(version_id=query.version_id)).data))
        return callers(compiled)

    def _get_GetRehearsals(self, actor: Any, query: practice.GetRehearsals) -> tuple[PracticeLine, ...]:
        return tuple(
            PracticeLine(UUID(int=number), word, word, Text(word, word), 80, True, word, "black", (word,), (word,),
                         (word,), 40, 9, _AT)
            for number, word in enumerate(self.said)
        )  # fmt: skip

    def _get_GetPractisers(self, actor: Any, query: practice.GetPractisers) -> tuple[Practiser, ...]:
        return tuple(
            Practiser(UUID(int=number), word, word, number, 0, None, None, None)
            for number, word in enumerate(self.said)
        )


__all__ = ["MemoryFlows"]
