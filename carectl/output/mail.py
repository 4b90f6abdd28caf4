"""A message that is ready to be looked at and sent, as a file: carectl itself never sends anything."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from carectl.output.documents.words import clean

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Message:
    """What a message is made of."""

    to: str
    """An address, and no name: what is in the letter stays in the letter."""
    sender: tuple[str, str] | None
    """The practice's name and address; None: the mail program knows its own."""
    subject: str
    """Anybody may read it on a locked screen: it names nobody whom the letter is about."""
    moment: dt.datetime
    text: str
    html: str
    calendar: bytes | None = None
    """An iCalendar file to go with it."""


def is_address(text: str) -> bool:
    """Whether this is an e-mail address that every mail program takes."""
    return _ADDRESS.fullmatch(text) is not None and ".." not in text


def as_eml(message: Message) -> bytes:
    """The message as RFC 5322 has it: text and HTML, and the calendar as an attachment.

    `X-Unsent` has mail programs open it as a draft. There is no Message-ID: the program that sends it makes one.
    """
    from email.headerregistry import Address
    from email.message import EmailMessage
    from email.policy import SMTP

    mail = EmailMessage(SMTP)
    mail["X-Unsent"] = "1"
    mail["Date"] = message.moment
    if message.sender and is_address(message.sender[1]):
        mail["From"] = Address(clean(message.sender[0]), addr_spec=message.sender[1])
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = clean(message.subject)
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    if message.calendar is not None:
        mail.add_attachment(message.calendar, "text", "calendar", filename="visits.ics", params={"charset": "utf-8"})
    # No line of quoted-printable or base64 begins with =_, so neither does any of what stands between boundaries.
    mark = blake2b("\0".join((message.subject, message.text, message.html)).encode(), digest_size=12).hexdigest()
    for at, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_carectl-{at}-{mark}")
    return mail.as_bytes()
