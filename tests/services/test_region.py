"""The desk's region: how a number without a country code is kept and found, whoever types it."""

from uuid import UUID

import pytest

from deskapp.domain.errors import Denied, Invalid
from deskapp.domain.terms import ContactKind
from deskapp.services.requests.customers import AddContact, CreateCustomer, FindCustomers, GetCustomer
from deskapp.services.requests.region import GetRegion, SetRegion
from tests.services.conftest import Floor

# region, as it is said, its normal form, parts that find it while they are typed
SAID = [
    ("CN", "0571-8888 1234", "+8657188881234", ["0571", "5718888", "+86 571", "0086571", "1234"]),
    ("DE", "030 901820", "+4930901820", ["0309", "3090", "+49 309", "0049309", "1820"]),
    ("JP", "03-3210-7000", "+81332107000", ["03-32", "3321", "+81 332", "7000"]),
    ("US", "(212) 736-5000", "+12127365000", ["2127", "1 212 736 5000", "+1 212", "5000"]),
    ("IT", "06 6982", "+39066982", ["0669", "+39 066", "6982"]),
    ("GB", "+86 571 8888 1234", "+8657188881234", ["+86 571", "0086571", "5718", "1234"]),
    ("CN", "+49 30 901820", "+4930901820", ["+49 309", "3090", "1820"]),
]


@pytest.mark.parametrize(("region", "said", "normal", "parts"), SAID, ids=[f"{row[0]} {row[2]}" for row in SAID])
def test_a_number_is_kept_and_found_as_the_region_dials_it(
    floor: Floor, region: str, said: str, normal: str, parts: list[str]
) -> None:
    me = floor.people["chen"]
    floor.do("adam", SetRegion(region=region.lower()))
    assert floor.desk.read(me, GetRegion()) == region
    who = floor.do("chen", CreateCustomer(name="Li Na", phone=said)).id
    assert floor.desk.read(me, GetCustomer(customer_id=who)).contacts[0].value == normal
    for part in [*parts, said, normal]:
        assert [found.id for found in floor.desk.read(me, FindCustomers(text=part))] == [who], part


def test_without_a_word_it_is_chinas_and_only_the_administrator_changes_it(floor: Floor) -> None:
    assert floor.desk.read(floor.people["chen"], GetRegion()) == "CN"
    with pytest.raises(Denied):
        floor.do("lin", SetRegion(region="DE"))
    with pytest.raises(Invalid, match="no region"):
        floor.do("adam", SetRegion(region="ZZ"))


def test_the_same_number_said_in_two_ways_is_one(floor: Floor) -> None:
    floor.do("adam", SetRegion(region="DE"))
    who: UUID = floor.do("chen", CreateCustomer(name="Li Na", phone="030 901820")).id
    floor.do("chen", AddContact(customer_id=who, kind=ContactKind.PHONE, raw="+49 30 90 18 20"))
    kept = floor.desk.read(floor.people["chen"], GetCustomer(customer_id=who)).contacts
    assert len({contact.value for contact in kept}) == 1
