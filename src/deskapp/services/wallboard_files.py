"""The wallboard file of the pack: shares to reach, the usual day, the forecast; a wrong one is refused at its line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from deskapp.services.pack_files import PackFile, Strict

SHIPPED = Path(__file__).resolve().parent.parent / "pack" / "wallboard" / "default.yaml"


@dataclass(frozen=True, slots=True)
class WallRules:
    """Shares (0 to 1) by metric, weeks of the usual day, hours and days of the forecast, agents it adds."""

    service_levels: Mapping[str, float]
    usual_weeks: int
    hours_ahead: int
    pace_days: int
    extra_agents: int


def read_wallboard(path: Path = SHIPPED) -> WallRules:
    """Read a wallboard file. Raises FileInvalid with file and line for what does not fit, NotFound without it."""
    found = PackFile(path).shape(_Doc)
    return WallRules(
        {metric: share / 100 for metric, share in found.service_levels.items()},
        found.usual_weeks,
        found.forecast.hours_ahead,
        found.forecast.pace_days,
        found.forecast.extra_agents,
    )


_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Share = Annotated[int, Field(ge=1, le=100)]


class _Forecast(Strict):
    hours_ahead: int = Field(ge=1, le=72)
    pace_days: int = Field(ge=1, le=366)
    extra_agents: int = Field(ge=1, le=100)


class _Doc(Strict):
    format: Literal["deskapp/wallboard@1"]
    id: _Name
    version: int = Field(ge=1)
    service_levels: dict[_Name, _Share] = Field(min_length=1, max_length=4)
    usual_weeks: int = Field(ge=2, le=26)
    forecast: _Forecast
