"""Run the app on a real desk in SQLite with people, customers and a few tickets on it."""

from datetime import timedelta
from uuid import UUID

from deskapp.domain.terms import ContactKind, Grade, PreferenceKind
from deskapp.services.requests import customers, tickets
from deskapp.services.requests.intake import TakeCall
from tests.services.conftest import Floor


def furnish(floor: Floor) -> dict[str, UUID]:
    """A customer with a machine, a preference and an old ticket, and tickets in several states; ids by name."""
    wang = floor.do(
        "chen", customers.CreateCustomer(name="王芳", phone="138 0013 8000", address="杭州市幸福路 12 号 3 单元 402")
    ).id
    floor.do(
        "chen", customers.AddContact(customer_id=wang, kind=ContactKind.PHONE, raw="0571-8888 1234", label="办公室")
    )
    machine = floor.do(
        "chen", customers.SaveMachine(customer_id=wang, product="Washer", model="WD-90", serial="WD90-1234-5678")
    ).id
    floor.do(
        "chen",
        customers.AddPreference(
            customer_id=wang, kind=PreferenceKind.TIME, text="elderly at home: mornings", pinned=True
        ),
    )
    old = floor.do("chen", tickets.OpenTicket(subject="滤网堵塞", customer_id=wang, machine_id=machine)).id
    floor.do("chen", tickets.SolveTicket(ticket_id=old, resolution="filter cleaned"))
    floor.clock.advance(hours=20)
    floor.do("chen", tickets.RecordCallBack(ticket_id=old, satisfaction=5, comment="thanks"))
    floor.clock.advance(days=5)
    noise = floor.do(
        "chen",
        TakeCall(
            customer_id=wang, machine_id=machine, subject="洗衣机脱水时咣咣响", product="Washer",
            description="washer bangs when spinning, moved last week", note="asked about the transport bolts",
        ),
    ).id  # fmt: skip
    gas = floor.do("sato", TakeCall(name="李娜", phone="139 0000 1111", subject="gas smell", grade=Grade.RED)).id
    floor.clock.advance(hours=1)
    floor.do("sato", tickets.ReleaseTicket(ticket_id=gas))
    floor.do(
        "chen",
        tickets.OfferHandOver(
            ticket_id=noise, to_team_id=floor.teams["gas"].id, asked="look at the drain",
            due_at=floor.clock.now() + timedelta(hours=4),
        ),
    )  # fmt: skip
    return {"wang": wang, "machine": machine, "old": old, "noise": noise, "gas": gas}
