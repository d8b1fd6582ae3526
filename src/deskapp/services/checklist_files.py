"""The emergency checklist of the pack."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from deskapp.domain.scorecard import Words
from deskapp.services.pack_files import PackFile, Strict, TitleShape

CHECKLIST = Path(__file__).resolve().parent.parent / "pack" / "escalation" / "red.yaml"


class _ChecklistDoc(Strict):
    format: Literal["deskapp/checklist@1"]
    id: str
    title: TitleShape
    steps: list[TitleShape] = Field(min_length=1)


@lru_cache(maxsize=1)
def checklist() -> tuple[Words, ...]:
    """What a lead goes through when a ticket is red."""
    return tuple(step.words for step in PackFile(CHECKLIST).shape(_ChecklistDoc).steps)
