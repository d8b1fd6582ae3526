"""What can be asked of the desk: frozen commands and queries, standard library only.

Its modules are imported at first use (`requests.tickets.ClaimNext()`): making their classes takes as long as a frame.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deskapp.services.requests import customers, intake, people, queue, tickets

__all__ = ["customers", "intake", "people", "queue", "tickets"]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(name)
    return import_module(f"{__name__}.{name}")
