"""Make a big desk in a minute or two: a million tickets, a tenth of them open, a million customers; kept and reused.

    python -m bench.big_desk [--tickets 1000000] [--customers 1000000] [--postgresql]

The tables are made by the migrations, the rows by SQL inside SQLite (made one by one in Python they take ten times as
long) and copied from there to PostgreSQL; indexes are built afterwards. The same numbers give the same rows, but due
times lie around the moment of making, so an old desk is made anew.
"""

import argparse
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from deskapp.models import audit, customer, people, ticket
from deskapp.models.base import table
from deskapp.services.clock_rules import install
from deskapp.services.normal import name_keys
from deskapp.store.engine import open_engine, writing
from deskapp.store.migrate import create, upgrade
from deskapp.store.search import grams

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "bench"
LOGIN = "bench"
MAKE_AGAIN = timedelta(days=2)
_AGENTS = 300


@dataclass(frozen=True, slots=True)
class Scale:
    """How big a desk is; a tenth of the tickets is open."""

    tickets: int = 1_000_000
    customers: int = 1_000_000

    @property
    def open(self) -> int:
        return self.tickets // 10

    @property
    def path(self) -> Path:
        return CACHE / f"desk-{self.tickets}-{self.customers}.db"


def sqlite_desk(scale: Scale) -> Path:
    """The big desk in SQLite; made when it is not there or too old, brought to today's tables when it is."""
    path = scale.path
    if path.exists() and _age(path) < MAKE_AGAIN:
        upgrade(str(path))
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    for old in (path, part):
        old.unlink(missing_ok=True)
    make_tables(str(part))
    connection = sqlite3.connect(part, isolation_level=None)
    try:
        _fill_sqlite(connection, scale)
    finally:
        connection.close()
    part.replace(path)
    return path


def make_tables(url: str) -> None:
    """Make an empty desk with the rules of the pack."""
    create(url)
    with writing(engine := open_engine(url)).begin() as connection:
        install(connection, datetime.now(UTC))
    engine.dispose()


def _age(path: Path) -> timedelta:
    connection = sqlite3.connect(path)
    try:
        (newest,) = connection.execute("SELECT max(opened_at) FROM ticket").fetchone()
    finally:
        connection.close()
    return datetime.now(UTC) - datetime.fromisoformat(newest).replace(tzinfo=UTC)


def copies_of(path: Path, count: int) -> list[Path]:
    """Copies to write to, so that the next run finds the desk as it was."""
    targets = [path.with_suffix(f".copy{number}") for number in range(count)]
    for target in targets:
        shutil.copyfile(path, target)
    return targets


def _fill_sqlite(connection: sqlite3.Connection, scale: Scale) -> None:
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    indexes = found.fetchall()
    connection.execute("BEGIN")
    for name, _sql in indexes:
        connection.execute(f"DROP INDEX {name}")
    _lay_out_words(connection)
    numbers = {"now": int(time.time()), "tickets": scale.tickets, "open": scale.open, "customers": scale.customers}
    for model, count, given in _rows(scale):
        columns = {**given, **_defaults(model, given)}
        names, values = ", ".join(columns), ", ".join(columns.values())
        _run(connection, f"{_N} INSERT INTO {model.__tablename__} ({names}) SELECT {values} FROM n", numbers, count)
    for kind, count, row, object_id, words in _indexed(scale):
        entry = f"{_N} INSERT INTO search_entry SELECT {row}, '{kind}', {object_id} FROM n"
        _run(connection, entry, numbers, count)
        _run(connection, f"{_N} INSERT INTO search_gram (rowid, grams) SELECT {row}, {words} FROM n", numbers, count)
    _run(connection, _BOOKS, numbers)
    _run(connection, "UPDATE ledger SET seq = :tickets, head = printf('%064x', :tickets)", numbers)
    _run(connection, "INSERT INTO counter VALUES ('ticket', :tickets), ('customer', :customers)", numbers)
    for _name, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")


def _run(connection: sqlite3.Connection, sql: str, numbers: Mapping[str, int], count: int = 0) -> None:
    connection.execute(sql, {**numbers, "count": count})


def _defaults(model: type[SQLModel], given: Mapping[str, str]) -> dict[str, str]:
    """The model's own defaults, as SQL, for the columns that are not given."""
    found = {}
    for column in table(model).columns:
        if column.name not in given:
            value = model.model_fields[column.name].get_default(call_default_factory=True)
            value = getattr(value, "value", value)
            quoted = "'{}'" if value == {} else "'" + value + "'" if isinstance(value, str) else None
            found[column.name] = quoted or ("NULL" if value is None else str(int(value)))
    return found


def fill_postgresql(connection: Any, source: Path) -> None:
    """Fill the empty tables of a PostgreSQL desk with the rows of an SQLite one; `connection` is a superuser's."""
    rows = sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)
    with connection.transaction(), connection.cursor() as cursor:
        # Neither foreign keys nor triggers are asked row by row: the rows are right by their making.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL statement_timeout = 0")
        indexes = cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)"
        ).fetchall()
        for name, _sql in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute("DELETE FROM ledger")
        for name in _FILLED:
            columns = ", ".join(row[1] for row in rows.execute(f"PRAGMA table_info({name})"))
            _copy(cursor, f"{name} ({columns})", rows.execute(f"SELECT {columns} FROM {name}"))
        entries = rows.execute(
            "SELECT kind, object_id, '{' || replace(grams, ' ', ',') || '}' FROM search_entry"
            " JOIN search_gram ON search_gram.rowid = search_entry.id"
        )
        _copy(cursor, "search_entry (kind, object_id, grams)", entries)
        for _name, sql in indexes:
            cursor.execute(sql)
    rows.close()
    connection.autocommit = True
    connection.execute("SET statement_timeout = 0")
    connection.execute("VACUUM ANALYZE")


def _copy(cursor: Any, into: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


# The words ------------------------------------------------------------------------------------------------------------

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭肖田董袁潘于蒋蔡余杜叶程苏魏吕丁沈姚卢"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红鹏宇浩欣怡子涵梓萱雨泽晨佳琪思远文博志海燕建国"
_CITIES = ("杭州市", "上海市", "南京市", "武汉市", "成都市", "西安市", "广州市", "苏州市")
_STREETS = ("幸福路", "解放路", "人民路", "中山路", "长江路", "文一西路", "体育场路", "建设大道", "和平街", "望江路")
_PRODUCTS = ("Washer", "Fridge", "Air conditioner", "Range hood", "Gas stove", "Water heater", "TV", "Robot vacuum")
_FAULTS = (
    "does not cool", "makes noise", "leaks water", "no picture", "smells of gas", "does not start", "wrong bill",
    "不制冷", "异响", "漏水", "打不着火", "不出热水", "送货延误", "开不了机",
)  # fmt: skip
_TEAMS = (
    "Cooling",
    "Kitchen",
    "Laundry",
    "Hotline",
    "Gas",
    "Video",
    "Small",
    "Parts",
    "Billing",
    "Visits",
    "B2B",
    "北区",
)
_TOLD = "The customer says it began yesterday; 今天早上又出现了一次."
_WORDS = {
    "place": [city + street for street in _STREETS for city in _CITIES],
    "fault": [f"{product} {fault}" for fault in _FAULTS for product in _PRODUCTS],
    "product": _PRODUCTS,
    "team": _TEAMS,
}
_NAMES = len(_SURNAMES) * len(_GIVEN) ** 2


def _lay_out_words(connection: sqlite3.Connection) -> None:
    """Put the words that rows are made of into temporary tables, with what they are found by."""
    for name, texts in _WORDS.items():
        connection.execute(f"CREATE TEMP TABLE {name}_word (at INTEGER PRIMARY KEY, text, grams)")
        rows = ((i, text, " ".join(grams(text))) for i, text in enumerate(texts))
        connection.executemany(f"INSERT INTO {name}_word VALUES (?, ?, ?)", rows)
    sound = {character: name_keys(character).reading.split()[0] for character in {*_SURNAMES, *_GIVEN}}
    connection.execute("CREATE TEMP TABLE name_word (at INTEGER PRIMARY KEY, text, grams, reading, initials)")
    found = (
        (a + b + c, f"{a}{b} {b}{c}", sound[a] + sound[b] + sound[c], sound[a][0] + sound[b][0] + sound[c][0])
        for c in _GIVEN
        for b in _GIVEN
        for a in _SURNAMES
    )
    connection.executemany("INSERT INTO name_word VALUES (?, ?, ?, ?, ?)", ((i, *row) for i, row in enumerate(found)))


def phone(number: int) -> str:
    """The telephone number of a customer, as the rows have it."""
    return f"13{(number * 7919 + 100_000_000) % 1_000_000_000:09d}"


def person(number: int) -> tuple[str, str, str]:
    """The name of a customer, how it sounds, and its initials."""
    place, first = divmod(number % _NAMES, len(_SURNAMES))
    third, second = divmod(place, len(_GIVEN))
    name = _SURNAMES[first] + _GIVEN[second] + _GIVEN[third]
    sounds = [name_keys(character).reading.split()[0] for character in name]
    return name, "".join(sounds), "".join(sound[0] for sound in sounds)


def place(number: int) -> str:
    """Street and house of a customer."""
    return f"{_WORDS['place'][number % len(_WORDS['place'])]} {number // 80 % 400 + 1}"


# The rows, each column an SQL expression over `i` --------------------------------------------------------------------

_N = "WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)"
_FILLED = (
    "team", "agent", "customer", "contact", "machine", "ticket", "timeline_entry", "audit_event", "ledger", "counter",
    "clock_book",
)  # fmt: skip


def _key(kind: int, number: str = "i") -> str:
    """An id in the form of UUID version 7, below all that are made by the clock."""
    return f"printf('00000000000070{kind:02x}8000%012x', {number})"


_TEAM, _AGENT, _CUSTOMER, _PHONE, _ADDRESS, _MACHINE, _CASE, _FIRST, _NEXT = range(1, 10)


def _word(name: str, number: str, what: str = "text") -> str:
    return f"(SELECT w.{what} FROM temp.{name}_word w WHERE w.at = ({number}) % {len(_WORDS.get(name, ())) or _NAMES})"


def _luck(salt: int, out_of: int, number: str = "i") -> str:
    """A number below `out_of` that looks like chance and is the same every time."""
    return f"((({number} + {salt}) * 2654435761 >> 9) % {out_of})"


def _one_of(words: Iterable[str], salt: int) -> str:
    found = list(words)
    whens = " ".join(f"WHEN {number} THEN '{word}'" for number, word in enumerate(found))
    return f"(CASE {_luck(salt, len(found))} {whens} END)"


def _time(seconds: str) -> str:
    return f"(strftime('%Y-%m-%d %H:%M:%S', {seconds}, 'unixepoch') || '.000000')"


# The last third within two months, the others over three years before.
_RECENT = "(:tickets * 7 / 10)"
_OPENED = (
    f"(:now - 5184000 + (CASE WHEN {{i}} < {_RECENT} THEN ({{i}} - {_RECENT}) * 89424000 / ({_RECENT} + 1)"
    f" ELSE ({{i}} - {_RECENT}) * 5184000 / (:tickets - {_RECENT}) END))"
)
_IS_OPEN = "(i >= :tickets - 3 * :open AND (:tickets - i) % 3 = 0)"
_OWNER = f"(CASE WHEN {{i}} >= :tickets - 100 THEN 0 ELSE 1 + {{i}} * 13 % {_AGENTS - 1} END)"
_STREET = "(i / 80 % 400 + 1)", "(i % 30 + 1)", "(i % 900 + 101)"
_BUYER = "(i * 17 % :customers)"


def _rows(scale: Scale) -> list[tuple[type[SQLModel], int, dict[str, str]]]:
    """Tables with the number of their rows and the columns that have something to say."""
    opened, owner = _time(_OPENED.format(i="i")), _key(_AGENT, _OWNER.format(i="i"))
    later = "(:tickets - 3 * (i / 3 + 1))"
    said = _time(_OPENED.format(i=later) + " + 1200 * (i % 3 + 1)")
    return [
        (people.Team, len(_TEAMS), {"id": _key(_TEAM), "key": "'team-' || i", "name": _word("team", "i")}),
        (people.Agent, _AGENTS, _agent()),
        (customer.Customer, scale.customers, _customer()),
        (customer.Contact, scale.customers, _phone()),
        (customer.Contact, scale.customers, _address()),
        (customer.Machine, scale.customers // 2, _machine()),
        (ticket.Ticket, scale.tickets, _ticket()),
        (ticket.TimelineEntry, scale.tickets, {
            "id": _key(_FIRST), "ticket_id": _key(_CASE), "kind": "'call_in'", "text": _word("fault", "i"),
            "author_id": owner, "occurred_at": opened, "recorded_at": opened,
        }),
        (ticket.TimelineEntry, 3 * scale.open, {
            "id": _key(_NEXT), "ticket_id": _key(_CASE, later), "kind": _one_of(("note", "call_out", "promise"), 5),
            "text": "'Told the customer what happens next'", "author_id": _key(_AGENT, _OWNER.format(i=later)),
            "occurred_at": said, "recorded_at": said,
        }),
        (audit.AuditEvent, scale.tickets, {
            "seq": "i + 1", "at": opened, "actor_id": owner, "actor_login": "'agent'", "role": "'agent'",
            "action": "'ticket.create'", "object_kind": "'ticket'", "object_id": _key(_CASE), "object_version": "1",
            "ticket_id": _key(_CASE), "submission_id": _key(_CASE), "commitment": "printf('%064x', i)",
            "previous": "printf('%064x', i)", "hash": "printf('%064x', i + 1)",
        }),
    ]  # fmt: skip


# The clocks of open tickets as the queue shows them: metric, due, length, yellow and red from, calendar, paused, back.
_BOOKS = """
    INSERT INTO clock_book (ticket_id, events, body, shown)
    SELECT id, 0, '{}', json_array(json_array(
        CASE due_metric WHEN '' THEN 'resolve' ELSE due_metric END,
        replace(substr(queue_at, 1, 19), ' ', 'T') || '+00:00',
        86400.0, 21600.0, 1800.0, (SELECT calendar FROM clock_rules),
        CASE queue_band WHEN 2 THEN replace(substr(opened_at, 1, 19), ' ', 'T') || '+00:00' ELSE '' END, ''))
    FROM ticket WHERE is_open AND queue_band <> 1
"""


def _agent() -> dict[str, str]:
    return {
        "id": _key(_AGENT),
        "login": f"CASE WHEN i = 0 THEN '{LOGIN}' ELSE 'agent-' || i END",
        "name": _word("name", "i * 77 + 5"),
        "role": "CASE WHEN i = 0 THEN 'lead' ELSE 'agent' END",
        "team_id": _key(_TEAM, f"i % {len(_TEAMS)}"),
    }


def _customer() -> dict[str, str]:
    return {
        "id": _key(_CUSTOMER), "number": "i + 1", "name": _word("name", "i"), "name_key": _word("name", "i"),
        "reading": _word("name", "i", "reading"), "initials": _word("name", "i", "initials"), "language": "'zh'",
        "created_at": _time(":now - 95040000"),
    }  # fmt: skip


def _phone() -> dict[str, str]:
    digits = "printf('13%09d', (i * 7919 + 100000000) % 1000000000)"
    backwards = " || ".join(f"substr({digits}, {place}, 1)" for place in range(11, 0, -1))
    return {
        "id": _key(_PHONE), "customer_id": _key(_CUSTOMER), "kind": "'phone'", "raw": digits,
        "value": f"'+86' || {digits}", "digits": digits, "digits_reversed": backwards,
    }  # fmt: skip


def _address() -> dict[str, str]:
    house, block, flat = _STREET
    text = f"{_word('place', 'i')} || ' ' || {house} || ' 号 ' || {block} || ' 单元 ' || {flat}"
    return {"id": _key(_ADDRESS), "customer_id": _key(_CUSTOMER), "kind": "'address'", "raw": text, "value": text}


def _machine() -> dict[str, str]:
    serial = "printf('SN%010d', i * 104729 % 10000000000)"
    return {
        "id": _key(_MACHINE), "customer_id": _key(_CUSTOMER, "2 * i"), "product": _word("product", "i"),
        "model": "'M-' || (i % 97)", "serial": serial, "serial_key": serial,
    }  # fmt: skip


def _ticket() -> dict[str, str]:
    """Of the open ones 12 in 100 are paused, 3 without a promise, 3 late; a third is unclaimed."""
    opened, owner = _time(_OPENED.format(i="i")), _OWNER.format(i="i")
    ended = _time(_OPENED.format(i="i") + " + 72000")
    paused, quiet, late = (f"({_IS_OPEN} AND {_luck(1, 100)} < {bound})" for bound in (12, 15, 18))
    until = _time(f":now + 60 * {_luck(2, 5000)}")
    due = _time(f":now + (CASE WHEN {late} THEN - {_luck(3, 10800)} ELSE {_luck(4, 259200)} END)")
    grade = _one_of(("green",) * 6 + ("yellow",) * 3 + ("red",), 6)
    promised = f"{_IS_OPEN} AND NOT {quiet}"
    return {
        "id": _key(_CASE), "number": "i + 1", "channel": _one_of(("phone", "phone", "chat", "app", "web"), 7),
        "grade": grade, "grade_rank": f"CASE {grade} WHEN 'red' THEN 0 WHEN 'yellow' THEN 1 ELSE 2 END",
        "priority": _one_of(("normal", "normal", "low", "high"), 8),
        "status": f"CASE WHEN {paused} THEN 'paused' WHEN {_IS_OPEN} THEN 'open' ELSE 'closed' END",
        "subject": _word("fault", "i"), "description": f"'{_TOLD}'", "product": _word("product", "i"),
        "resolution": f"CASE WHEN {_IS_OPEN} THEN '' ELSE 'Part replaced; tested.' END",
        "customer_id": _key(_CUSTOMER, _BUYER), "team_id": _key(_TEAM, f"{owner} % {len(_TEAMS)}"),
        "owner_id": _key(_AGENT, owner),
        "assignee_id": f"CASE WHEN {_IS_OPEN} AND {owner} > 0 AND {_luck(9, 3)} = 0 THEN NULL"
        f" ELSE {_key(_AGENT, owner)} END",
        "opened_at": opened, "first_response_at": opened,
        "solved_at": f"CASE WHEN {_IS_OPEN} THEN NULL ELSE {ended} END",
        "closed_at": f"CASE WHEN {_IS_OPEN} THEN NULL ELSE {ended} END",
        "paused_until": f"CASE WHEN {paused} THEN {until} END", "is_open": _IS_OPEN,
        "due_metric": f"CASE WHEN {promised} THEN {_one_of(('resolve', 'progress', 'on_site'), 10)} ELSE '' END",
        "due_target": f"CASE WHEN {promised} THEN 86400 END", "due_at": f"CASE WHEN {promised} THEN {due} END",
        "queue_band": f"CASE WHEN {paused} THEN 2 WHEN {promised} THEN 0 ELSE 1 END",
        "queue_at": f"CASE WHEN {paused} THEN {until} WHEN {promised} THEN {due} ELSE {opened} END",
    }  # fmt: skip


def _indexed(scale: Scale) -> list[tuple[str, int, str, str, str]]:
    """What the search index holds: kind, how many, row number, id and words, as `store.search` would put them."""
    house, block, flat = _STREET
    place = f"{_word('place', 'i', 'grams')} || ' ' || {house} || ' 号 ' || {block} || ' 单元 ' || {flat}"
    about = f"{_word('fault', 'i', 'grams')} || ' x00 {' '.join(grams(_TOLD))} x00 '"
    return [
        ("customer", scale.customers, "i + 1", _key(_CUSTOMER), f"{_word('name', 'i', 'grams')} || ' x00 ' || {place}"),
        ("ticket", scale.tickets, "i + 1 + :customers", _key(_CASE), f"{about} || {_word('name', _BUYER, 'grams')}"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=Scale().tickets)
    parser.add_argument("--customers", type=int, default=Scale().customers)
    parser.add_argument("--postgresql", action="store_true", help="make the PostgreSQL one as well")
    given = parser.parse_args()
    scale, began = Scale(given.tickets, given.customers), time.monotonic()
    path = sqlite_desk(scale)
    print(f"{path}: {path.stat().st_size / 2**20:,.0f} MiB, {time.monotonic() - began:.0f} s")
    if given.postgresql:
        from bench.postgres import postgres_desk

        began = time.monotonic()
        with postgres_desk(scale) as url:
            print(f"{url}: {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
