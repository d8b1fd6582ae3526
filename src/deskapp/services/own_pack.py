"""Files of a desk's own in the place of those of the pack: `wallboard.yaml`, `outbreak.yaml` in the folder it names."""

from pathlib import Path

_SHIPPED = Path(__file__).resolve().parent.parent / "pack"
_own: list[Path] = []


def use(folder: Path | None) -> None:
    """Name the folder, before the desk is opened; None: nothing but the pack."""
    _own[:] = [folder] if folder is not None else []


def place(kind: str) -> Path:
    """Where a file of this kind is: the desk's own, else that of the pack."""
    for folder in _own:
        if (own := folder / f"{kind}.yaml").exists():
            return own
    return _SHIPPED / kind / "default.yaml"
