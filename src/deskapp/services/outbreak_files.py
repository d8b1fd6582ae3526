"""The mass-fault file of the pack: detection rules, levels, emergency plan; every trouble at its file and line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.incident import IncidentRules, LevelPlan, PlanAction
from deskapp.domain.outbreak import DetectionRules
from deskapp.domain.scorecard import Words
from deskapp.services.strict_yaml import DataPath, Document, FileInvalid, YamlInvalid, read_yaml

SHIPPED = Path(__file__).resolve().parent.parent / "pack" / "outbreak" / "default.yaml"


@dataclass(frozen=True, slots=True)
class OutbreakPack:
    """What a file says: how to detect, when levels begin and what they promise, the names of the owners' roles."""

    id: str
    version: int
    detection: DetectionRules
    incident: IncidentRules
    roles: Mapping[str, Words]
    # Words in place of a fault that name none, case folded.
    unspecific: frozenset[str] = frozenset()


def read_outbreak(path: Path = SHIPPED, *, zone: tzinfo = UTC) -> OutbreakPack:
    """Read a mass-fault file; days are counted in `zone`, the desk's.

    Raises FileInvalid with file and line for what does not fit, NotFound without the file.
    """
    try:
        document = read_yaml(path)
    except YamlInvalid as trouble:
        raise FileInvalid(path, trouble.line, trouble.template, trouble.values) from None
    except FileNotFoundError:
        raise NotFound(N_("There is no file {path}."), path=str(path)) from None
    found = _shape(path, document)
    _check_roles(path, document, found)
    try:
        detection = found.detection.rules(zone)
    except Invalid as trouble:
        raise _at(path, document, ("detection", trouble.field), trouble) from None
    try:
        incident = IncidentRules(tuple(level.plan() for level in found.levels), float(found.repropose_factor))
    except Invalid as trouble:
        raise _at(
            path, document, ("levels",) if trouble.field != "repropose_factor" else (trouble.field,), trouble
        ) from None
    return OutbreakPack(
        found.id,
        found.version,
        detection,
        incident,
        {k: w.words for k, w in found.roles.items()},
        frozenset(word.casefold() for word in found.unspecific),
    )


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
# The grammar of promised times: 48h, 1h 30min, 8h open, 3 workdays.
Amount = Annotated[str, StringConstraints(pattern=r"^(\d{1,4}(h|min)( \d{1,2}min)?( open)?|\d{1,3} workdays?)$")]


class _Words(_Strict):
    en: Text
    zh: Text

    @property
    def words(self) -> Words:
        return Words(self.en, self.zh)


class _Detection(_Strict):
    floor: int
    windows: list[int]
    alpha: Decimal
    baseline_days: int
    guard_days: int
    trend: bool
    growth_cap: Decimal | int

    def rules(self, zone: tzinfo) -> DetectionRules:
        return DetectionRules(
            floor=self.floor,
            windows=tuple(self.windows),
            alpha=float(self.alpha),
            baseline_days=self.baseline_days,
            guard_days=self.guard_days,
            trend=self.trend,
            growth_cap=float(self.growth_cap),
            zone=zone,
        )


class _Action(_Strict):
    id: Name
    owner: Name
    within: Amount
    title: _Words
    steps: list[_Words] = []

    def action(self) -> PlanAction:
        return PlanAction(self.id, self.owner, self.within, self.title.words, tuple(s.words for s in self.steps))


class _Level(_Strict):
    level: int
    from_customers: int
    owner: Name
    actions: list[_Action] = Field(min_length=1)

    def plan(self) -> LevelPlan:
        return LevelPlan(self.level, self.from_customers, self.owner, tuple(a.action() for a in self.actions))


class _Doc(_Strict):
    format: Literal["deskapp/outbreak@1"]
    id: Name
    version: int = Field(ge=1)
    detection: _Detection
    repropose_factor: Decimal | int
    unspecific: list[Text] = []
    roles: dict[Name, _Words]
    levels: list[_Level] = Field(min_length=1)


def _shape(path: Path, document: Document) -> _Doc:
    try:
        return _Doc.model_validate(document.data)
    except ValidationError as trouble:
        # A misspelt key is both unknown and missing; the line where it stands helps more.
        first = min(trouble.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
        # A union names its members in the place of the error; they are no keys of the file.
        where = tuple(part for part in first["loc"] if part not in ("int", "decimal"))
        message = {
            "extra_forbidden": N_("the key {key} is not known here"),
            "missing": N_("the key {key} is missing"),
        }.get(first["type"], N_("{key}: {trouble}"))
        values = {"key": ".".join(map(str, where)), "trouble": first["msg"]}
        raise FileInvalid(path, document.place(where)[0], message, values) from None


def _check_roles(path: Path, document: Document, found: _Doc) -> None:
    """Every owner is one of the roles; every action of a file has an id of its own."""
    seen: set[str] = set()
    for i, level in enumerate(found.levels):
        owners: list[tuple[DataPath, str]] = [(("levels", i, "owner"), level.owner)]
        for a, action in enumerate(level.actions):
            place: DataPath = ("levels", i, "actions", a)
            owners.append(((*place, "owner"), action.owner))
            if action.id in seen:
                message = N_("the action {key} is there twice")
                raise FileInvalid(path, document.place((*place, "id"))[0], message, {"key": action.id})
            seen.add(action.id)
        for where, owner in owners:
            if owner not in found.roles:
                message = N_("{key} is none of the roles of this file")
                raise FileInvalid(path, document.place(where)[0], message, {"key": owner})


def _at(path: Path, document: Document, where: DataPath, trouble: Invalid) -> FileInvalid:
    return FileInvalid(path, document.place(where)[0], trouble.template, trouble.values)
