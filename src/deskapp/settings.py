"""The settings of this machine and person: a TOML file, overridden by DESKAPP_* variables, overridden by flags.

An unknown key is an error that names the file, the line and the key that was probably meant. Nothing here is slow: no
validation library, and no TOML parser unless there is a file.
"""

import difflib
import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

from deskapp.domain.errors import Invalid, Unreachable
from deskapp.domain.i18n import LANGUAGES, N_, _, language_of_environment
from deskapp.preferences import Preferences

APP = "deskapp"
FILE_VARIABLE = "DESKAPP_CONFIG"
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force. `file` is where changes are written; `sources` says of each key where its value came from.

    `database` is an address or a path; `state` is the folder of drafts and logs; `time_zone` is an IANA name, empty for
    the machine's own; `emergency_number` is what scripts tell the caller to dial, by default that of the language's
    home (119, else 112); `region` is that of a desk made with `init`: where numbers without a country code are from;
    `single_process` claims an SQLite desk for one program alone;
    `flows` is where flows are written, a shared folder where several people do; `pack` is a folder whose files stand in
    the place of the shipped ones. The rest is `Preferences`.
    """

    database: str
    language: str
    state: Path
    file: Path
    theme: str = "dark"
    ascii: bool = True
    bell: bool = True
    emergency_number: str = ""
    time_zone: str = ""
    region: str = "CN"
    single_process: bool = False
    flows: Path | None = None
    pack: Path | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def preferences(self) -> Preferences:
        """What the person chose about the screens."""
        return Preferences(self.language, self.theme, self.ascii, self.bell, self.keys)

    @property
    def desk_state(self) -> Path:
        """The folder of this desk's drafts and logs: another database has another one. No password goes into it."""
        return self.state / desk_id(self.database)

    @property
    def drafts(self) -> Path:
        """The draft journal of this desk."""
        return self.desk_state / "drafts.db"

    @property
    def flow_folder(self) -> Path:
        """Where flows are written: one's own folder of this desk unless the settings name another."""
        return self.flows or self.desk_state / "flows"

    @property
    def log(self) -> Path:
        """The log of incidents of this desk."""
        return self.desk_state / "deskapp.log"


def load(
    *,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] = os.environ,
    file: Path | None = None,
) -> Settings:
    """Return the settings in force; flags that are None or empty were not given. Raises Invalid, Unreachable."""
    file = file or _file(environ)
    given = _from_file(file)
    sources = dict.fromkeys(given, str(file))
    for key, kind in _KINDS.items():
        name = f"DESKAPP_{key.upper()}"
        if value := environ.get(name):
            given[key], sources[key] = kind(value, key, name), name
    for key, flag in (flags or {}).items():
        if flag not in (None, ""):
            given[key], sources[key] = _KINDS[key](flag, key, f"--{key.replace('_', '-')}"), "--" + key
    language = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG")
    defaults: dict[str, object] = {"language": language_of_environment(language)}
    if "database" not in given:
        defaults["database"] = _folder("user_data_dir") / "desk.db"
    if "state" not in given:
        defaults["state"] = _folder("user_state_dir")
    values = defaults | given
    settings = Settings(
        database=str(values.pop("database")),
        state=Path(str(values.pop("state"))),
        language=str(values.pop("language")),
        file=file,
        sources=sources,
    )
    values.setdefault("emergency_number", "119" if settings.language == "zh" else "112")
    return replace(settings, **values)  # type: ignore[arg-type]


def save(file: Path, changes: Mapping[str, object]) -> None:
    """Write settings to the file, keeping its comments and order; None takes a key out. Raises Invalid, OSError.

    The file is replaced as a whole, so that a crash leaves the old or the new one.
    """
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        document = tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()
    except ParseError as error:
        raise _unreadable(file, str(error)) from error
    for key, value in changes.items():
        if key not in _KINDS and key != "keys":
            raise _unknown(file, None, key)
        if value is None:
            document.pop(key, None)
        elif isinstance(value, Mapping):
            document[key] = _merged(document.get(key), value)
        else:
            document[key] = _KINDS[key](value, key, str(file))
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as stream:
        stream.write(tomlkit.dumps(document))
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)


def save_preferences(settings: Settings, chosen: Preferences) -> Settings:
    """Write what differs from the settings in force, and return those that are now. Raises Invalid, OSError."""
    before = settings.preferences
    changes = {
        item.name: getattr(chosen, item.name)
        for item in fields(Preferences)
        if getattr(chosen, item.name) != getattr(before, item.name)
    }
    if changes:
        save(settings.file, changes)
    return replace(settings, **changes)


def desk_id(database: str) -> str:
    """Return a short name for a desk's address, without user and password: stable, and safe as a folder's name."""
    parts = urlsplit(database if "://" in database else f"sqlite:///{database}")
    if parts.scheme.startswith("sqlite"):
        plain = os.path.abspath(os.path.expanduser(parts.path.removeprefix("/")))
    else:
        plain = f"{parts.hostname or parts.query}:{parts.port or ''}{parts.path}"
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


# Reading --------------------------------------------------------------------------------------------------------------


def _file(environ: Mapping[str, str]) -> Path:
    if named := environ.get(FILE_VARIABLE):
        return Path(named).expanduser()
    return _folder("user_config_dir") / "settings.toml"


def _folder(kind: str) -> Path:
    import platformdirs

    return Path(getattr(platformdirs, kind)(APP))


def _from_file(file: Path) -> dict[str, object]:
    try:
        content = file.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise _unreadable(file, f"{error.reason}") from error
    except OSError as error:
        raise Unreachable(
            N_("The settings {file} cannot be read: {reason}."),
            hint=N_("Check its permissions."),
            file=file,
            reason=(error.strerror or "").lower(),
        ) from error
    import tomllib

    try:
        told = tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _unreadable(file, str(error)) from error
    found: dict[str, object] = {}
    for key, value in told.items():
        where = _where(file, content, key)
        if key == "keys":
            found[key] = _key_table(value, where)
        elif key in _KINDS:
            found[key] = _KINDS[key](value, key, where)
        else:
            raise _unknown(file, _line(content, key), key)
    return found


def _line(content: str, key: str) -> int | None:
    """The line on which a top-level key or table is set, if it is written plainly."""
    pattern = re.compile(rf"""\s*\[?\s*["']?{re.escape(key)}["']?\s*[\]=.]""")
    return next((number for number, line in enumerate(content.splitlines(), 1) if pattern.match(line)), None)


def _where(file: Path, content: str, key: str) -> str:
    line = _line(content, key)
    return f"{file}:{line}" if line else str(file)


def _key_table(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value.values()):
        raise Invalid(
            N_('{where}: "keys" is a table of commands and their keys.'),
            hint=N_('Write [keys] and below it, for example, "ticket.claim" = "f5".'),
            where=where,
        )
    return dict(value)


# Checks: each takes a value as a file, a variable or a flag gives it --------------------------------------------------


def _text(value: object, key: str, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, key, N_("text in quotes"))
    return value


def _yes_or_no(value: object, key: str, where: str) -> bool:
    found = value if isinstance(value, bool) else _SWITCH.get(str(value).lower())
    if found is None or (not isinstance(value, bool | str)):
        raise _wrong(where, key, "true, false")
    return found


def _language(value: object, key: str, where: str) -> str:
    if value not in LANGUAGES:
        raise _wrong(where, key, ", ".join(LANGUAGES))
    return str(value)


def _zone(value: object, key: str, where: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(_text(value, key, where)).key if value else ""
    except (OSError, ValueError) as error:  # an unknown zone is a KeyError with an OSError's habits
        raise _wrong(where, key, N_("a time zone such as Asia/Shanghai")) from error
    except KeyError as error:
        raise _wrong(where, key, N_("a time zone such as Asia/Shanghai")) from error


def _number_to_dial(value: object, key: str, where: str) -> str:
    text = _text(value, key, where)
    if not re.fullmatch(r"\+?[0-9][0-9 /-]{1,29}", text):
        raise _wrong(where, key, N_("a telephone number in quotes"))
    return text


def _path(value: object, key: str, where: str) -> Path:
    return Path(_text(str(value) if isinstance(value, Path) else value, key, where)).expanduser()


_KINDS: dict[str, Callable[[object, str, str], object]] = {
    "database": _text,
    "region": _text,
    "language": _language,
    "state": _path,
    "theme": _text,
    "ascii": _yes_or_no,
    "bell": _yes_or_no,
    "emergency_number": _number_to_dial,
    "time_zone": _zone,
    "single_process": _yes_or_no,
    "flows": _path,
    "pack": _path,
}


def _wrong(where: str, key: str, wanted: str) -> Invalid:
    return Invalid(
        N_('{where}: the value of "{key}" is not one that it can have.'),
        hint=N_("It can be: {wanted}."),
        field=key,
        where=where,
        key=key,
        wanted=_(wanted),
    )


def _unknown(file: Path, line: int | None, key: str) -> Invalid:
    near = difflib.get_close_matches(key, [*_KINDS, "keys"], n=1)
    return Invalid(
        N_('{where}: there is no setting "{key}".'),
        hint=N_('Did you mean "{near}"?') if near else N_("There are: {known}."),
        where=f"{file}:{line}" if line else file,
        key=key,
        near=near[0] if near else "",
        known=", ".join([*_KINDS, "keys"]),
    )


def _unreadable(file: Path, reason: str) -> Invalid:
    return Invalid(
        N_("The settings {file} are not TOML: {reason}."),
        hint=N_("Mend that line, or move the file away to start with the defaults."),
        file=file,
        reason=reason,
    )


def _merged(table: object, values: Mapping[str, object]) -> object:
    """The TOML table with these values and no others; comments of those that stay are kept."""
    import tomlkit

    found = table if isinstance(table, tomlkit.items.Table) else tomlkit.table()
    for key in [key for key in found if key not in values]:
        found.remove(key)
    for key, value in values.items():
        if found.get(key) != value:
            found[key] = value
    return found
