"""Read a file of the pack into its shape and its domain objects, every trouble at its file and line."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.scorecard import Words
from deskapp.services.strict_yaml import DataPath, Document, FileInvalid, YamlInvalid, parse_yaml, read_yaml

_Shape = TypeVar("_Shape", bound=BaseModel)
_Built = TypeVar("_Built")


class Strict(BaseModel):
    """A shape that takes no unknown key and turns nothing into something else."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TitleShape(Strict):
    """A text in both languages."""

    en: str
    zh: str = ""

    @property
    def words(self) -> Words:
        """The text as the domain has it."""
        return Words(self.en, self.zh)


class PackFile:
    """One file: its document, and errors that name the line of a path in it."""

    def __init__(self, path: Path, source: str | None = None) -> None:
        """Read the file, or its text where it is given.

        Raises FileInvalid for what is not YAML as we read it, NotFound without the file.
        """
        self.path = path
        try:
            self.document: Document = read_yaml(path) if source is None else parse_yaml(source)
        except YamlInvalid as trouble:
            raise FileInvalid(path, trouble.line, trouble.template, trouble.values) from None
        except FileNotFoundError:
            raise NotFound(N_("There is no file {path}."), path=str(path)) from None

    def shape(self, kind: type[_Shape]) -> _Shape:
        """Check the file against its shape. Raises FileInvalid at the first trouble."""
        try:
            return kind.model_validate(self.document.data)
        except ValidationError as trouble:
            # A misspelt key is both unknown and missing; the line where it stands helps more.
            first = min(trouble.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
            where = self._known(first["loc"], missing=first["type"] == "missing")
            message = {
                "extra_forbidden": N_("the key {key} is not known here"),
                "missing": N_("the key {key} is missing"),
            }.get(first["type"], N_("{key}: {trouble}"))
            raise self.error(where, message, key=".".join(map(str, where)), trouble=first["msg"]) from None

    def build(self, where: DataPath, make: Callable[[], _Built]) -> _Built:
        """Make a domain object; what the domain refuses is told at its line."""
        try:
            return make()
        except FileInvalid:  # a part of it has told its own line
            raise
        except Invalid as trouble:
            raise self.error(where, trouble.template, **trouble.values) from None

    def error(self, where: DataPath, message: str, **values: object) -> FileInvalid:
        """An error at the line where a path of the data stands."""
        return FileInvalid(self.path, self.document.place(where)[0], message, values)

    def _known(self, loc: tuple[int | str, ...], *, missing: bool) -> DataPath:
        """Drop what pydantic adds to a path, the names of a union's members; a missing key ends it."""
        where: DataPath = ()
        for n, part in enumerate(loc):
            if (*where, part) in self.document.values or (missing and n == len(loc) - 1):
                where = (*where, part)
        return where
