"""Merging with a way back, masking, export, and an erasure that leaves nothing behind (R10)."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from deskapp.domain.errors import Conflict, Denied
from deskapp.domain.terms import ContactKind, EntryKind, PreferenceKind
from deskapp.services.requests.customers import (
    AddContact,
    AddPreference,
    CreateCustomer,
    EndContact,
    FindCustomers,
    GetCustomer,
    SaveMachine,
)
from deskapp.services.requests.intake import TakeCall
from deskapp.services.requests.merging import MergeTicket
from deskapp.services.requests.privacy import (
    EraseCustomer,
    FindDuplicates,
    GetExport,
    MergeCustomers,
    PreviewMerge,
    RecordExport,
    RevealContacts,
    UndoMerge,
)
from deskapp.services.requests.qa.sessions import OpenSession
from deskapp.services.requests.shift import HandOverShift
from deskapp.services.requests.tickets import AddEntry, EditTicket, OpenTicket, RecordCallBack, SolveTicket
from deskapp.store.uow import chain_hash
from tests.services.conftest import Floor
from tests.services.qa_floor import hire
from tests.services.test_guided_calls import VISIT, WITNESSES, guided, shipped


def test_two_files_become_one_and_two_again(floor: Floor) -> None:
    one = floor.do("chen", CreateCustomer(name="王芳", phone="13800138000", address="Road 12")).id
    two = floor.do("chen", CreateCustomer(name="Wang Fang", phone="138 0013 8000")).id
    floor.do("chen", SaveMachine(customer_id=two, product="Washer", model="WD-90"))
    ticket = floor.do("chen", TakeCall(customer_id=two, subject="noise"))
    (found,) = floor.desk.read(floor.people["chen"], FindDuplicates(customer_id=one))
    assert (found.id, found.matched) == (two, "phone")
    preview = floor.desk.read(floor.people["chen"], PreviewMerge(from_id=two, into_id=one))
    assert preview == {"contact": 1, "machine": 1, "preference": 0, "ticket": 1}
    floor.do("chen", MergeCustomers(from_id=two, into_id=one))
    whole = floor.desk.read(floor.people["chen"], GetCustomer(customer_id=two))
    assert whole.id == one and [t.id for t in whole.tickets] == [ticket.id] and len(whole.contacts) == 3
    assert [c.id for c in floor.desk.read(floor.people["chen"], FindCustomers(text="13800138000"))] == [one]
    with pytest.raises(Conflict):
        floor.do("chen", MergeCustomers(from_id=two, into_id=one))
    floor.do("chen", AddContact(customer_id=one, kind=ContactKind.EMAIL, raw="w@example.org"))
    floor.do("chen", UndoMerge(into_id=one))
    back = floor.desk.read(floor.people["chen"], GetCustomer(customer_id=two))
    assert back.id == two and [t.id for t in back.tickets] == [ticket.id] and len(back.machines) == 1
    kept = floor.desk.read(floor.people["chen"], GetCustomer(customer_id=one))
    assert len(kept.contacts) == 3, "what came since the merge stays"


def test_showing_a_masked_number_is_written_down(floor: Floor) -> None:
    wang = floor.do("chen", CreateCustomer(name="王芳", phone="13800138000")).id
    with pytest.raises(Denied):
        floor.do("rao", RevealContacts(customer_id=wang, reason="curious"))
    assert "13800138000" in floor.do("adam", RevealContacts(customer_id=wang, reason="mixed up")).label
    with floor.desk.engine.connect() as connection:
        last = connection.execute(text("SELECT actor_login, action FROM audit_event ORDER BY seq DESC LIMIT 1")).one()
    assert tuple(last) == ("adam", "customer.reveal")


def test_an_export_holds_what_has_ended_too_and_more_than_a_screen_shows(floor: Floor) -> None:
    ticket = floor.do("chen", TakeCall(name="王芳", phone="13800138000", subject="noise", description="loud bangs"))
    wang = floor.ticket(ticket).customer
    floor.do("chen", AddContact(customer_id=wang.id, kind=ContactKind.PHONE, raw="13900001111"))
    floor.do("chen", EndContact(contact_id=wang.contacts[0].id))
    for place in range(201):
        floor.do("chen", AddEntry(ticket_id=ticket.ticket_id, kind=EntryKind.NOTE, text=f"line {place}."))
    floor.do("chen", SolveTicket(ticket_id=ticket.ticket_id, resolution="bolts out"))
    floor.do("chen", RecordCallBack(ticket_id=ticket.ticket_id, satisfaction=5, comment="happy now"))
    told = json.dumps(floor.desk.read(floor.people["lin"], GetExport(customer_id=wang.id)), default=str)
    for word in ("13800138000", "13900001111", "loud bangs", "line 0.", "line 200.", "bolts out", "happy now"):
        assert word in told, word


CANARY = "Kanarienvogel7731"


def test_an_erasure_leaves_nothing_in_the_file_and_the_chain_whole(floor: Floor, tmp_path: Path) -> None:
    version = shipped(floor)
    answers = {
        "phone": "13877317731", "caller_name": CANARY, "address": f"{CANARY} Road",
        **WITNESSES["washer-noise"]["transport_bolts_on"], **VISIT, "access": f"ring {CANARY} twice",
        "serial_no": CANARY.upper(),
    }  # fmt: skip
    call = guided(floor, version, answers)
    ticket = floor.do("chen", TakeCall(subject=f"noise at {CANARY}", description=CANARY, note=CANARY, guided=call))
    wang = floor.ticket(ticket).customer.id
    floor.do("chen", AddPreference(customer_id=wang, kind=PreferenceKind.OTHER, text=f"call me {CANARY}"))
    floor.do("chen", EditTicket(ticket_id=ticket.id, fault="bolts", description=f"{CANARY} again"))
    twin = floor.do("chen", OpenTicket(subject=f"{CANARY} again", customer_id=wang)).id
    floor.do("chen", MergeTicket(ticket_id=twin, target_id=ticket.id, reason=f"{CANARY} called twice"))
    # One payload tells of tickets of many customers.
    floor.do("chen", OpenTicket(subject="of somebody else"))
    shift = HandOverShift(giver_id=floor.people["chen"].id, to_agent_id=floor.people["sato"].id, note=f"tell {CANARY}")
    floor.do("chen", shift)
    floor.do("lin", RecordExport(customer_id=wang, reason="asked in writing"))
    export = json.dumps(floor.desk.read(floor.people["lin"], GetExport(customer_id=wang)), default=str)
    assert export.count(CANARY) >= 6
    with pytest.raises(Conflict, match="is open"):
        floor.do("lin", EraseCustomer(customer_id=wang, reason="asked in writing"))
    floor.do("chen", SolveTicket(ticket_id=ticket.id, resolution=f"told {CANARY}"))
    floor.do("chen", RecordCallBack(ticket_id=ticket.id, satisfaction=5, comment=f"{CANARY} is happy"))
    hire(floor)
    floor.do("qiu", OpenSession(title="how it was told", number=1))
    with pytest.raises(Denied):
        floor.do("chen", EraseCustomer(customer_id=wang, reason="x"))
    floor.do("lin", EraseCustomer(customer_id=wang, reason="asked in writing"))
    assert floor.desk.read(floor.people["chen"], FindCustomers(text=CANARY)) == ()
    for trace in (CANARY, CANARY.casefold(), CANARY.upper(), "13877317731", "13877317731"[::-1]):
        assert not _left(floor, trace), trace
    kept = floor.ticket(ticket)
    assert kept.customer is not None and kept.customer.erased_at and kept.row.grade and kept.call_backs[0].satisfaction
    assert _chain_holds(floor)


def test_an_erasure_takes_numbers_and_addresses_out_of_what_was_written_about_others(floor: Floor) -> None:
    erased = floor.do("chen", CreateCustomer(name="Li Na", phone="138 7731 7317", address="Kanarienweg 7731")).id
    floor.do("chen", SaveMachine(customer_id=erased, product="Washer", serial="KV-7731-99"))
    other = floor.do("chen", CreateCustomer(name="Li Na", phone="139 0000 1111")).id
    wish = AddPreference(customer_id=other, kind=PreferenceKind.CONTACT, text="or call her sister: 13877317317")
    floor.do("chen", wish)
    ticket = floor.do(
        "chen",
        TakeCall(
            customer_id=other, subject="same as kv-7731-99",
            description="sister: +86 138-7731-7317, order 138773173170", note="lives at Kanarienweg  7731 too",
        ),
    )  # fmt: skip
    floor.do("lin", EraseCustomer(customer_id=erased, reason="asked in writing"))
    view = floor.ticket(ticket)
    assert view.row.subject == "same as [***]"
    assert view.description == "sister: [***], order 138773173170", "another number stays"
    assert [line.text for line in view.timeline] == ["", ""], "a line is never rewritten, only emptied"
    assert view.customer.preferences[0].text == "or call her sister: [***]"
    assert view.customer.name == "Li Na", "who else is called so is somebody else"
    for trace in ("13877317317,", "138-7731-7317", "KV-7731", "kv-7731", "Kanarienweg", "kanarienweg"):
        assert not _left(floor, trace), trace
    assert _chain_holds(floor)


def test_what_a_family_shares_stays_with_the_others(floor: Floor) -> None:
    erased = floor.do("chen", CreateCustomer(name="Li Na", phone="138 7731 7317")).id
    husband = floor.do("chen", CreateCustomer(name="Sun Qi", phone="13877317317")).id
    ticket = floor.do("chen", TakeCall(customer_id=husband, subject="noise", description="Li Na or 13877317317"))
    floor.do("lin", EraseCustomer(customer_id=erased, reason="asked in writing"))
    assert floor.ticket(ticket).description == "[***] or 13877317317"


def test_an_erasure_takes_the_name_out_of_what_was_written_about_others(floor: Floor) -> None:
    erased = floor.do("chen", CreateCustomer(name="王芳", phone="13800000001")).id
    twin = floor.do("chen", CreateCustomer(name="Anneliese Kanari", phone="13800000002")).id
    floor.do("chen", MergeCustomers(from_id=twin, into_id=erased))
    floor.do("chen", CreateCustomer(name="王芳芳", phone="13800000003"))
    namesake = floor.do("chen", CreateCustomer(name="王芳", phone="13800000004")).id
    version = shipped(floor)
    answers = {
        "phone": "13800000005", "caller_name": "Sun Qi", "address": "Road 12",
        **WITNESSES["washer-noise"]["transport_bolts_on"], **VISIT, "access": "key at anneliese  KANARI's",
    }  # fmt: skip
    call = guided(floor, version, answers)
    told = floor.do("chen", TakeCall(
        subject="noise, as at 王芳家", guided=call, note="her mother is Anneliese Kanari",
        description="王芳芳 said so; Kanari and Anneliese, Anneliese Kanarische too",
    ))  # fmt: skip
    hire(floor)
    floor.do("qiu", OpenSession(title="how it was told", number=1))
    own = floor.do("chen", TakeCall(customer_id=namesake, subject="王芳 called", note="王芳 again"))
    floor.do("lin", EraseCustomer(customer_id=erased, reason="asked in writing"))
    view = floor.ticket(told)
    assert view.row.subject == "noise, as at [***]家"
    assert view.description == "王芳芳 said so; Kanari and Anneliese, Anneliese Kanarische too", "these are others"
    assert floor.ticket(own).row.subject == "王芳 called", "it is the other's name, too"
    for trace in ("Anneliese Kanari,", 'Anneliese Kanari"', "anneliese kanari ", "anneliese  KANARI", "at 王芳"):
        assert not _left(floor, trace), trace
    assert _left(floor, "王芳 again") and _chain_holds(floor)


def test_a_word_a_form_of_address_and_a_colleagues_name_are_no_traces(floor: Floor) -> None:
    with floor.desk.engine.execution_options(write=True).begin() as connection:
        connection.execute(text("UPDATE agent SET name = 'Chen Yu' WHERE login = 'chen'"))
    names = ("高兴", "王女士", "Mr Smith", "Rose", "Chen Yu", "安静")
    files = [floor.do("chen", CreateCustomer(name=name)).id for name in names]
    ticket = floor.do("chen", TakeCall(name="Sun Qi", subject="noise", description="; ".join(names)))
    for _line in range(21):
        floor.do("chen", AddEntry(ticket_id=ticket.ticket_id, kind=EntryKind.NOTE, text="客户很高兴"))
    for file in files:
        floor.do("lin", EraseCustomer(customer_id=file, reason="asked in writing"))
    assert floor.ticket(ticket).description == "高兴; 王女士; Mr Smith; Rose; Chen Yu; [***]"


def _left(floor: Floor, trace: str) -> bool:
    """Whether something is left in the bytes of the desk's files, or anywhere in its tables on a server."""
    if floor.desk.engine.dialect.name != "sqlite":
        return _anywhere(floor, trace.casefold()) or _anywhere(floor, json.dumps(trace)[1:-1].casefold())
    database = Path(str(floor.desk.engine.url.database))
    raw = b"".join(file.read_bytes() for file in database.parent.glob(f"{database.name}*"))
    return trace.encode() in raw or json.dumps(trace)[1:-1].encode() in raw


def _anywhere(floor: Floor, word: str) -> bool:
    with floor.desk.engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        return any(
            connection.execute(
                text(f"SELECT 1 FROM {name} AS t WHERE lower(t::text) LIKE :w"), {"w": f"%{word}%"}
            ).first()
            for name in tables.all()
        )


def _chain_holds(floor: Floor) -> bool:
    from sqlmodel import select

    from deskapp.models.audit import AuditEvent
    from deskapp.models.base import table

    with floor.desk.engine.connect() as connection:
        rows = connection.execute(select(table(AuditEvent)).order_by(table(AuditEvent).c.seq)).mappings().all()
    previous = ""
    for row in rows:
        if row["previous"] != previous or chain_hash(dict(row)) != row["hash"]:
            return False
        previous = row["hash"]
    return True
