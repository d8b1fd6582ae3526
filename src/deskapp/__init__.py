"""deskapp: a terminal desk for call centres and after-sales service."""

__version__ = "0.1.0"
