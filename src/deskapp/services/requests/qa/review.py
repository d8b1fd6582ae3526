"""What can be asked for a review meeting."""

from dataclasses import dataclass
from typing import ClassVar

from deskapp.services.requests.base import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReview(Query):
    """The pack for a review meeting: a quarter's rounds, trends, items to rewrite. `quarter` is like 2026-Q2."""

    action: ClassVar[str] = "qa.report"
    quarter: str
