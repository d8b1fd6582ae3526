"""What a person may choose about the screens."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Preferences:
    """Language (`en`, `zh`), colours (a name of `themes.THEMES`), lines in ASCII (drawn ones
    are two cells wide on many Chinese terminals), the bell, keys by command."""

    language: str = "en"
    theme: str = "dark"
    ascii: bool = True
    bell: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)
