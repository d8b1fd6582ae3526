"""The words of the demo desk, read from the pack: its people, its streets, what customers say and what was done."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from deskapp.domain.errors import NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.terms import Grade, PauseReason, PreferenceKind, Priority, Role, Shift
from deskapp.services.strict_yaml import read_yaml

FOLDER = Path(__file__).resolve().parent.parent / "pack" / "demo"


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TeamWords(_Shape):
    """A desk."""

    key: str
    name: str
    department: str


class AgentWords(_Shape):
    """A person of the desk; the login is the pinyin or the initial and surname."""

    login: str
    name: str
    role: Role
    team: str
    shift: Shift


class PreferenceWords(_Shape):
    """How a customer wants to be served, where it was heard, for how many days it holds (0: until further notice)."""

    kind: PreferenceKind
    text: str
    source: str
    days: int


class Story(_Shape):
    """One kind of case as this desk knows it: the flow and outcome it follows, and what was said, noted and done.

    `way` is how it ends: `remote` on the call, `visit` at the customer's, `workshop` taken in, `callback` by an answer
    after a look into the books. `weight` is how often it happens.
    """

    flow: str
    outcome: str
    grade: Grade
    priority: Priority
    way: Literal["remote", "visit", "workshop", "callback"]
    weight: int
    subject: str
    said: tuple[str, ...]
    noted: tuple[str, ...]
    done: tuple[str, ...]


class DemoWords(_Shape):
    """Everything a demo desk of one language is made of; products and faults are keyed as in the flows."""

    format: Literal["deskapp/demo@1"]
    language: str
    zone: str
    company: str
    teams: tuple[TeamWords, ...]
    agents: tuple[AgentWords, ...]
    surnames: tuple[str, ...]
    given_names: tuple[str, ...]
    full_names: tuple[str, ...]
    guest_names: tuple[str, ...]
    guest_language: str
    phones: tuple[str, ...]
    streets: tuple[str, ...]
    door: str
    second_address: str
    products: dict[str, str]
    faults: dict[str, str]
    places: dict[str, str]
    models: dict[str, tuple[str, ...]]
    preferences: tuple[PreferenceWords, ...]
    tags: tuple[str, ...]
    stories: tuple[Story, ...]
    batch: Story
    chasing: tuple[str, ...]
    told_progress: tuple[str, ...]
    moved: tuple[str, ...]
    arrived: tuple[str, ...]
    sent_back: tuple[str, ...]
    accepted: tuple[str, ...]
    accepted_urgent: tuple[str, ...]
    unreached: tuple[str, ...]
    asked: dict[str, tuple[str, ...]]
    paused: dict[PauseReason, tuple[str, ...]]
    praise: dict[int, tuple[str, ...]]


def demo_words(language: str) -> DemoWords:
    """Read the words of a language. Raises NotFound when the pack has none."""
    path = FOLDER / f"{language}.yaml"
    if not path.is_file():
        raise NotFound(N_("There is no demo desk in {language}."), language=language)
    return DemoWords.model_validate(read_yaml(path).data)
