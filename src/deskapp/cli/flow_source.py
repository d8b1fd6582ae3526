"""Flow files named on a command line: found, read, and refused with every finding at its place."""

from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from deskapp.cli.output import say
from deskapp.domain.errors import Invalid
from deskapp.domain.flow import CompiledFlow, Flow
from deskapp.domain.flow.findings import FlowInvalid
from deskapp.domain.i18n import N_
from deskapp.services.flow_files import FlowFile, check_flow, flow_paths, read_flow


def flow_files(places: Iterable[Path]) -> list[Path]:
    """The flow files that were named; folders stand for those in them. Raises Invalid where there is none."""
    found: list[Path] = []
    for place in places:
        paths = flow_paths([place])
        if not paths:
            raise Invalid(N_("There is no flow file in {path}."), hint=N_("Their names end in .yaml."), path=str(place))
        found += paths
    return found


def usable(place: Path) -> CompiledFlow:
    """One flow ready to run. Raises FlowInvalid when every finding has been told."""
    file = read_flow(_one(place))
    return file.compiled if file.compiled is not None else _refuse(file)


def judged(place: Path) -> Flow:
    """One flow without an error in it. Raises FlowInvalid when every finding has been told."""
    file = check_flow(_one(place))
    return file.flow if file.flow is not None and file.ok else _refuse(file)


def _one(place: Path) -> Path:
    if place.is_dir():
        raise Invalid(N_("{path} is a folder: name one flow."), path=str(place))
    return flow_paths([place])[0]


def _refuse(file: FlowFile) -> NoReturn:
    for item in file.findings:
        say(str(item), err=True)
    raise FlowInvalid(file.path.stem, [item.finding for item in file.findings])


__all__ = ["flow_files", "judged", "usable"]
