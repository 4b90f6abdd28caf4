"""On what basis somebody is told of a concern, and what stands against telling them."""

from __future__ import annotations

from typing import Final

from carectl.care.sharing import is_protected
from carectl.caseload.records import Concern, Contact

KINDS: Final = (
    "fall", "injury", "medication_error", "hospital", "choking", "wandering", "skin", "missed_visit", "complaint",
    "abuse", "neglect", "exploitation", "property", "infection",
)  # fmt: skip
"""Kinds of concerns that carectl knows; words of one's own are welcome."""

BASES: Final = ("call_for", "authorization", "agreed", "representative", "care_team", "required_by_law")
"""Why somebody may know."""


def covered_by(contact: Contact, kind: str) -> bool:
    """Whether a contact wants a call about concerns of this kind: `hospital` also covers hospital_admission."""
    return any(kind == word or kind.startswith(f"{word}_") for word in contact.call_for)


def basis_for(contact: Contact | None, concern: Concern) -> str | None:
    """The basis that goes without saying: they asked to be called about this. None: somebody has to say it."""
    if contact is None or is_protected(concern) or contact.id in concern.about:
        return None
    return "call_for" if covered_by(contact, concern.kind) else None
