"""How to subscribe to a feed: a page for each subscriber, in their language, beside their calendar."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from carectl.care.sharing import base
from carectl.errors import UsageError
from carectl.output.documents import render

LANGUAGES: Final = ("en", "es")
_ADDRESS: Final = re.compile(r"https://[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%-]+")


@dataclass(frozen=True, slots=True)
class Page:
    """What the page knows: nobody's name but the practice's."""

    language: str
    practice: str | None
    phone: str | None
    https: str | None
    """The link to the calendar; None if nobody said where the folder is on the web."""
    webcal: str | None
    """The same for programs that follow such a link by themselves."""


def page(practice: str | None, phone: str | None, language: str, link: str | None, own: Path | None = None) -> bytes:
    """The page of one subscriber as HTML. `link` leads to their calendar; without one, the page leads beside itself.

    `own` is the practice's folder of templates. Raises TemplateFault.
    """
    known = base(language) if base(language) in LANGUAGES else "en"
    webcal = f"webcal{link.removeprefix('https')}" if link else None
    context = {"page": Page(known, practice, phone, link, webcal)}
    # No date is on it, or it would be another page every day.
    return render(f"subscribe/{known}.html.j2", context, known, dt.date.min, own).encode()


def site(url: str | None) -> str | None:
    """Where the published folder is on the web, without a slash at the end; None if that is not said.

    Raises UsageError for what is no such address: whoever reads along an http link would have the secret.
    """
    if url is None or not url.strip():
        return None
    if not _ADDRESS.fullmatch(url.strip()):
        raise UsageError("calendar.url in carectl.yaml takes an address that begins with https://")
    return url.strip().rstrip("/")
