"""What a database's error means to the person at the keyboard: plain words and the next step, never a traceback."""

import errno
import re
import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from deskapp.domain.errors import Conflict, DeskError, Unreachable
from deskapp.domain.i18n import N_

_Told = tuple[str, str]

_FULL: _Told = (
    N_("The disk is full: nothing was changed."),
    N_("Free some space, then try again. What you typed is kept as a draft."),
)
_READ_ONLY: _Told = (
    N_("The desk can only be read: nothing was changed."),
    N_("Check the permissions of the file and its folder; `deskapp doctor` names them."),
)
_CORRUPT: _Told = (
    N_("The desk is damaged: nothing more is written to it."),
    N_("Close deskapp and restore the last backup with `deskapp restore`."),
)
_NO_DESK: _Told = (
    N_("This file is not a desk."),
    N_("Name another file with --db, or restore a backup with `deskapp restore`."),
)
_BUSY: _Told = (N_("Others are writing to the desk just now: nothing was changed."), N_("Try again."))
_CANNOT_OPEN: _Told = (
    N_("The desk cannot be opened."),
    N_("Check that the file and its folder are there and yours; `deskapp doctor` names them."),
)
_DISK: _Told = (
    N_("The disk did not read or write as asked: nothing was changed."),
    N_("Check the disk and its free space; `deskapp doctor` names them."),
)
_DOWN: _Told = (
    N_("The database server does not answer."),
    N_("Check that it runs and that the address is right. What you typed is kept as a draft."),
)
_PASSWORD: _Told = (
    N_("The database server refuses this user or password."),
    N_("Check the user and the password in the address, in PGPASSWORD or in ~/.pgpass."),
)
_NO_DATABASE: _Told = (
    N_("There is no such database on the server."),
    N_("Check the name in the address, or ask your administrator to create the database."),
)
_TOO_MANY: _Told = (N_("The database server has no free connection."), N_("Try again, or raise max_connections."))
_SLOW: _Told = (N_("The database took too long to answer: nothing was changed."), N_("Try again."))
_NO_SCHEMA: _Told = (
    N_("The database has not the tables that this deskapp needs."),
    N_("Run `deskapp db upgrade`."),
)
_NOT_GRANTED: _Told = (
    N_("The database server does not permit this to the user of the address."),
    N_("Ask your administrator to grant it."),
)
_CLASH: _Told = (N_("This clashes with something already stored."), N_("Load it again and look at what is there."))
_UNKNOWN: _Told = (N_("The database refused this: {reason}"), N_("`deskapp doctor` looks for the cause."))

_SQLITE: dict[int, _Told] = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CORRUPT: _CORRUPT,
    sqlite3.SQLITE_NOTADB: _NO_DESK,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_CANTOPEN: _CANNOT_OPEN,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
}

_IOERR_SHMSIZE = sqlite3.SQLITE_IOERR | (19 << 8)
"""No room for WAL's shared memory: the disk was full before the desk was opened."""

_POSTGRES: dict[str, _Told] = {
    "53100": _FULL,
    "25006": _READ_ONLY,
    "XX001": _CORRUPT,
    "XX002": _CORRUPT,
    "58030": _DISK,
    "28P01": _PASSWORD,
    "28000": _PASSWORD,
    "3D000": _NO_DATABASE,
    "53300": _TOO_MANY,
    "57014": _SLOW,
    "25P03": _SLOW,
    "55P03": _BUSY,
    "40P01": _BUSY,
    "40001": _BUSY,
    "42P01": _NO_SCHEMA,
    "42703": _NO_SCHEMA,
    "3F000": _NO_SCHEMA,
    "42501": _NOT_GRANTED,
    "23505": _CLASH,
    "23503": _CLASH,
}
_POSTGRES_CLASSES: dict[str, _Told] = {"08": _DOWN, "57": _DOWN, "28": _PASSWORD}

# libpq gives a refused connection no code, only the server's words, in the server's language.
_CONNECT_WORDS: tuple[tuple[str, _Told], ...] = (
    (r"password authentication failed|no password supplied|pg_hba\.conf|role .* does not exist", _PASSWORD),
    (r"认证失败|角色 .* 不存在|没有用于主机", _PASSWORD),
    (r"database .* does not exist|数据库 .* 不存在", _NO_DATABASE),
    (r"too many (clients|connections)|remaining connection slots|太多|剩余的连接", _TOO_MANY),
)


def translate(error: BaseException) -> DeskError:
    """Return what to tell the person for an error of SQLAlchemy, of a driver or of the file system.

    Never quotes parameters, keys or statements: they may hold a customer's data. A DeskError is returned as it is.
    """
    if isinstance(error, DeskError):
        return error
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    told = _told(cause, lost=isinstance(error, DBAPIError) and error.connection_invalidated)
    if told is _CLASH:
        return Conflict(told[0], hint=told[1])
    if told is _UNKNOWN:
        return DeskError(told[0], hint=told[1], reason=_reason(cause))
    return Unreachable(told[0], hint=told[1])


def is_busy(error: BaseException) -> bool:
    """Tell whether the same transaction, begun again, may well succeed: another writer was in the way."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return _told(cause, lost=False) is _BUSY


def is_missing_table(error: DBAPIError) -> bool:
    """Tell whether a statement named a table or column that is not there."""
    return error.orig is not None and _told(error.orig, lost=False) is _NO_SCHEMA


def _told(cause: BaseException, *, lost: bool) -> _Told:
    if isinstance(cause, sqlite3.Error):
        return _sqlite_told(cause)
    if isinstance(cause, PoolTimeout):
        return _SLOW
    if isinstance(cause, OSError):
        return _file_told(cause)
    state = getattr(cause, "sqlstate", None)
    if state:
        return _POSTGRES.get(state) or _POSTGRES_CLASSES.get(state[:2]) or _UNKNOWN
    if lost or (type(cause).__module__.startswith("psycopg") and type(cause).__name__ in _CONNECTION_ERRORS):
        words = str(cause)
        return next((told for pattern, told in _CONNECT_WORDS if re.search(pattern, words)), _DOWN)
    return _UNKNOWN


_CONNECTION_ERRORS = ("OperationalError", "ConnectionTimeout", "InterfaceError")


def _sqlite_told(error: sqlite3.Error) -> _Told:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return _UNKNOWN
    if code == _IOERR_SHMSIZE:
        return _FULL
    if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
        return _CLASH
    if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return _CLASH
    if code & 0xFF == sqlite3.SQLITE_ERROR and str(error).startswith(("no such table", "no such column")):
        return _NO_SCHEMA
    return _SQLITE.get(code & 0xFF, _UNKNOWN)


def _file_told(error: OSError) -> _Told:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _FULL
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return _READ_ONLY
    return _CANNOT_OPEN if error.errno in (errno.ENOENT, errno.ENOTDIR) else _DISK


def _reason(cause: BaseException) -> str:
    diagnosis = getattr(cause, "diag", None)
    words = getattr(diagnosis, "message_primary", None)
    if words is None:
        words = str(cause) if isinstance(cause, sqlite3.Error) else type(cause).__name__
    return str(words)
