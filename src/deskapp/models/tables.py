"""Every table, imported: what migrations and tests mean by the schema."""

from sqlmodel import SQLModel

from deskapp.models import audit, clock, customer, flow, incident, people, qa, shift, ticket

metadata = SQLModel.metadata

__all__ = ["audit", "clock", "customer", "flow", "incident", "metadata", "people", "qa", "shift", "ticket"]
