"""The fuel fault of the RAV4 on a desk that holds the imported log: proposed before the recall, confirmed, counted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from deskapp.clock import FrozenClock
from deskapp.services.desk import Desk
from deskapp.services.importing import import_log, load_map
from deskapp.services.incidents import look_and_record
from deskapp.services.requests.incidents import ConfirmMassFault, GetMassFault, GetMassFaults
from deskapp.store.engine import open_engine
from tests.real_data.logs import open_log
from tests.services.conftest import staff

pytestmark = pytest.mark.real_data
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RECALL = datetime(2020, 11, 4, tzinfo=UTC)


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    engine = open_engine(sqlite_url)
    yield Desk(engine, FrozenClock(NOW))
    engine.dispose()


def test_the_fuel_fault_of_the_rav4_is_proposed_a_year_before_its_recall(desk: Desk) -> None:
    people, _teams = staff(desk.engine)
    lead = people["lin"]
    import_log(desk, lead, load_map("nhtsa_toyota"), open_log("nhtsa_toyota"))
    quiet, _none = look_and_record(desk, lead, as_of=datetime(2018, 6, 1, tzinfo=UTC), zone=UTC)
    assert not [signal for signal in quiet.signals if signal.product.startswith("TOYOTA RAV4")]
    found, proposed = look_and_record(desk, lead, as_of=datetime(2019, 6, 15, tzinfo=UTC), zone=UTC)
    fuel = found.signals[0]
    assert (fuel.product, fuel.fault) == ("TOYOTA RAV4 2019", "FUEL/PROPULSION SYSTEM")
    assert RECALL - fuel.first_signal_at > timedelta(days=365)
    assert proposed == len(found.signals)
    first = next(line for line in desk.read(lead, GetMassFaults()) if line.product == fuel.product)
    desk.execute(lead, ConfirmMassFault(id=first.id))
    view = desk.read(lead, GetMassFault(id=first.id))
    # The desk knows all that came since: each complaint is somebody else's, as the log names nobody.
    assert view.line.customers == len(view.children) > 200
    assert view.line.level == 3, "the third level begins above 200 customers"
