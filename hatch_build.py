"""Build hook: compile the message catalogues into the package (also `python hatch_build.py` while developing)."""

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # a plain call of this file needs Babel only
    BuildHookInterface = object  # type: ignore[assignment, misc]

LOCALES = Path(__file__).resolve().parent / "src" / "deskapp" / "locales"


def read_catalogue(language: Path) -> Catalog:
    """Merge the areas' PO files of one language; raises ValueError where two areas translate a message differently."""
    merged = Catalog(locale=language.name, domain="deskapp")
    for file in sorted(language.glob("*.po")):
        with file.open("rb") as stream:
            for message in read_po(stream, locale=language.name):
                known = merged.get(message.id) if message.id else None
                if known and message.string and known.string != message.string:
                    raise ValueError(
                        f"{file}: {message.id!r} is {known.string!r} elsewhere and {message.string!r} here"
                    )
                if message.id and message.string:
                    merged.add(message.id, message.string)
    return merged


def compile_catalogues() -> list[Path]:
    """Write LC_MESSAGES/deskapp.mo for every language and return the files."""
    written = []
    for language in sorted(path for path in LOCALES.iterdir() if path.is_dir()):
        target = language / "LC_MESSAGES" / "deskapp.mo"
        target.parent.mkdir(exist_ok=True)
        part = target.with_suffix(".part")
        with part.open("wb") as stream:
            write_mo(stream, read_catalogue(language))
        part.replace(target)
        written.append(target)
    return written


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc, type-arg, valid-type]
    """Ships the compiled catalogues in the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_data["artifacts"].extend(str(path.relative_to(self.root)) for path in compile_catalogues())


if __name__ == "__main__":
    for path in compile_catalogues():
        print(path)
