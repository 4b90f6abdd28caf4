"""Who signs what goes out: a place of its own, for a care plan needs nothing else of letters."""

from __future__ import annotations

from dataclasses import dataclass

from carectl.care.setting import Setting


@dataclass(frozen=True, slots=True)
class Signer:
    """Who writes, and whom to call."""

    name: str | None
    practice: str | None
    phone: str | None
    email: str | None


def signer_of(setting: Setting) -> Signer:
    """The coordinator in full, since they sign; without one on file, the practice."""
    practice = setting.practice
    if practice is None:
        return Signer(None, None, None, None)
    person = setting.staff.get(practice.coordinator or "")
    return Signer(person.name.full if person else None, practice.name, practice.phone, practice.email)
