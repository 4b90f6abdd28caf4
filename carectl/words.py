"""Words that were nearly typed: the did-you-mean of every room."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_LETTERS: Final = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n", "’": "'",
})  # fmt: skip
"""Letters that Unicode does not take apart into a plain one and a mark."""


def fold(text: str) -> str:
    """A name as it is typed on any keyboard: small letters without their marks, single blanks."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def stems(text: str) -> set[str]:
    """The longer words of a text by their beginnings, so that kidney and kidneys are one."""
    return {word[:5] for word in re.findall(r"\w+", fold(text)) if len(word) > 3}


def closest(typed: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None if none is near."""
    from difflib import get_close_matches

    words = sorted(set(known))
    folded = typed.strip().lower().replace(" ", "_")
    for word in words:
        if word.replace("-", "_") == folded.replace("-", "_"):
            return word
    starts = [
        word
        for word in words
        if min(len(word), len(folded)) >= 3 and (folded.startswith(word) or word.startswith(folded))
    ]
    return starts[0] if len(starts) == 1 else next(iter(get_close_matches(folded, words, n=1, cutoff=0.7)), None)
