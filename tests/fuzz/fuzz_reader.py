"""The long fuzz of the YAML reader: `python -m tests.fuzz.fuzz_reader --count 200000 --seed 1`.

Every input goes through both readers. Nothing may be raised, take two seconds or 256 MB; what the fast reader accepts
must be what the reference says; a message must not carry a value. Prints how much ran, and fails loudly.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from typing import TYPE_CHECKING

from carectl.caseload import faults
from carectl.caseload.reader import MAX_BYTES, UNREAD, Document, read_ahead, read_reference
from carectl.findings import Finding, Span, codes_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_SECONDS = 2.0
MAX_MEGABYTES = 256
CANARY = "Quillfeather"  # stands in values only: no message may hold it
CODES = frozenset(codes_in(faults))

SAMPLES = (
    """\
# yaml-language-server: $schema=visits.json
visits:
  - id: am-care-2026-11-18           # an occurrence that differs
    series: am-care
    day: 2026-11-18
    at: "11:00"
    reason: Doctor's appointment first, Quillfeather said
  - id: am-care-2026-11-20
    status: done
    actual: {in: "09:04", out: "11:01"}
    did: {night-light: done, weigh: {outcome: refused, reason: Tired}}
    note: Slept well, ate breakfast & coffee; no pain (really!)
    for_family: {en: "A good morning: Quillfeather slept", es: "Buena mañana: durmió bien"}
    travel: {minutes: 15, miles: 6.5}
""",
    """\
id: c-014
name: {given: Quillfeather, family: Alvarez, preferred: 'Ro''sie'}
birth_date: 1941-03-09
end_of_care: null
away: [{from: 2026-09-10, until: 2026-09-14, where: Evanston Hospital}]
address: {street: 418 Elm St, postal_code: 60201, access: Key safe; code with the coordinator}
phones: ["+1 847 555 0119"]
receives_skilled: false
weight: 61.2
notes: |
  First line: with a colon
   # not a comment

  - last line
precautions:
- fall_risk
- choking risk
emergency:
  hospital:
  backup_plan: >-
    Maria, then Ruth
    next door
""",
    """\
medications:
  - id: furosemide
    name: "Furosemide \\"Quillfeather\\" 😀"
    strength: 40 mg
    times: ["08:00"]
    until: ~
    held: []
    changed:
      - {date: 2026-11-20, was: {strength: 20 mg}, reason: Ankle swelling, read_back: true}
      - plain text over
        two lines
""",
)

WORDS = (
    "a", "b", "id", "note", "Rosa", "true", "false", "null", "~", "True", "NULL", "yes", "no",
    "on", "0", "7", "-3", "-0",
    "01", "+1", "1.10", "61.2", "0.00001", "1e3", "0x1f", "0o17", "0b1", "1_000", ".5", "1.", ".inf", ".nan", "12:30",
    "12:30:45", "2026-11-22", "2026-11-22T09:00", "20 mg", "2h", "1.5 ml", "1 000",
    "9007199254740993", "1234567890123456789",
    "0.1234567890123456", "<<", "=", "é", "😀", "a b", "it's", "x:y", "a#b", "Told: her",
    "Nullable", "Falsehood", "-", "--",
    "---", "...", "a.", "1-", "0-1", "http://x/y", "(x)", "50%", "3/4", "1,5", "$5",
    "_0", "_1.5", "0_", "_a", "1_", "e5", "١٢", "infinity", "a'b", 'a"b',
    "^", "/", "\\", "key",
)  # fmt: skip
SIGNS = (
    ": ", ":", "- ", "-", "? ", "?", ", ", ",", "[", "]", "{", "}", "#", " #", "&", "&a ", "*",
    "*a", "!", "!!str ", "!<x>",
    "|", ">", "|-", ">+", "|2", "'", '"', "''", "%", "%YAML 1.2\n", "%TAG ! x\n", "@", "`", "\n",
    "\n", "\n  ", "\n    ", "\n- ",
    "\r\n", "\r", "\t", " ", "  ", "\n---\n", "\n...\n", "---\n", "<<: ", "\\", "\\n", "\\x41",
    "\\e", "\\u0000", "\\ud800",
    "\x00", "\x07", "\x1b", "\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\u202e", "\u2066",
    "\ufeff", "\ufffe", "\ufffd",
)  # fmt: skip
QUOTED = (
    '"x"', '"a: b"', "'it''s'", '"say \\"x\\""', '"\\n"', '"\\e"', '""', "''", '"a # b"', "'- a'", '"x" y', "'x'y",
)  # fmt: skip


def soup(rng: random.Random) -> bytes:
    """YAML's signs and words in any order."""
    return "".join(rng.choice(SIGNS if rng.random() < 0.6 else WORDS) for _ in range(rng.randrange(1, 30))).encode()


def noise(rng: random.Random) -> bytes:
    """Any bytes."""
    return rng.randbytes(rng.randrange(60))


def mutant(rng: random.Random) -> bytes:
    """A record in which a few things went wrong."""
    text = rng.choice(SAMPLES)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(8):
            case 0:
                text = text[:at] + text[at + rng.randrange(1, 4) :]
            case 1:
                text = text[:at] + rng.choice(SIGNS) + text[at:]
            case 2:
                text = text[:at] + rng.choice(WORDS) + text[at:]
            case 3:
                text = text[:at]
            case 4:
                lines = text.split("\n")
                line = rng.randrange(len(lines))
                lines.insert(rng.randrange(len(lines)), lines[line])
                text = "\n".join(lines)
            case 5:
                lines = text.split("\n")
                line = rng.randrange(len(lines))
                lines[line] = " " * rng.randrange(8) + lines[line].lstrip()
                text = "\n".join(lines)
            case 6:
                lines = text.split("\n")
                del lines[rng.randrange(len(lines))]
                text = "\n".join(lines)
            case 7:
                text = text.replace(rng.choice(WORDS), rng.choice(WORDS), 1)
    raw = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.05:
        at = rng.randrange(len(raw) + 1)
        raw = raw[:at] + rng.randbytes(1) + raw[at + 1 :]
    if rng.random() < 0.1:
        raw = raw.replace(b"\n", b"\r\n")
    return raw


def value(rng: random.Random, depth: int = 0) -> str:
    """Something that may stand behind a key."""
    kind = rng.random()
    if kind < 0.5 or depth > 4:
        return rng.choice(WORDS)
    if kind < 0.65:
        return rng.choice(QUOTED)
    if kind < 0.7:
        return rng.choice(WORDS) + rng.choice(SIGNS) + rng.choice(WORDS)
    open_, close = rng.choice(("[]", "{}", "[]", "{}", "[}"))
    parts = []
    for _ in range(rng.randrange(4)):
        key = rng.choice(WORDS) + rng.choice((": ", ": ", ":")) if rng.random() < (0.9 if open_ == "{" else 0.1) else ""
        parts.append(key + value(rng, depth + 1))
    return open_ + rng.choice((", ", ",", ", ", " , ")).join(parts) + rng.choice(("", "", "", ", ")) + close


def lines(rng: random.Random) -> bytes:
    """Lines of the plain kinds, mostly well-formed by themselves: what the fast reader is made for."""
    out, indent = [], 0
    for number in range(rng.randrange(1, 12)):
        # Keys are numbered, mostly: a key twice would end the comparison early.
        key = rng.choice(("a", "key", "note", "x-y", "in")) + (str(number) if rng.random() < 0.97 else "")
        if rng.random() < 0.05:
            key = rng.choice(WORDS)
        dash = "- " * rng.choice((0, 0, 1, 1, 1, 2)) if rng.random() < 0.4 else ""
        body = value(rng)
        match rng.randrange(12):
            case 0:
                body = ""
            case 1:
                text = "".join(f"\n{' ' * (indent + 2)}{rng.choice(WORDS)}" for _ in range(rng.randrange(1, 3)))
                body = rng.choice(("|", ">", "|-", ">-", "|+", "| # c", "|2", "")) + text
        line = dash + (f"{key}:{rng.choice((' ', ' ', '  '))}{body}" if rng.random() < 0.85 else body)
        out.append(" " * indent + line + rng.choice(("", "", "", "", " ", " # note", "  #x: y", "#z")))
        if rng.random() < 0.1:
            out.append(rng.choice(("", "# comment", "   # deep", "  ", "---", "...")))
        if rng.random() < 0.5:
            indent = max(0, indent + (2 if not body else rng.choice((-2, -2, 0, 2, 1, -1))))
    return ("\n".join(out) + rng.choice(("\n", "\n", ""))).encode()


GENERATORS: tuple[Callable[[random.Random], bytes], ...] = (soup, noise, mutant, lines, lines, mutant)


def inputs(count: int, seed: int) -> Iterator[bytes]:
    """Generated inputs, the same for the same seed."""
    rng = random.Random(seed)
    for number in range(count):
        yield GENERATORS[number % len(GENERATORS)](rng)


def big() -> Iterator[bytes]:
    """Five megabytes of one thing: what a parser may be slow or greedy at."""
    units = (
        *(sign.encode() for sign in SIGNS if len(sign) < 12),
        b"\n# c", b"a", b"a ", b"a\n", b"a: b\n", b"- a\n", b"-\n", b"- \n", b"? a\n", b"? \n",
        b": \n", b"[a], ", b"[],", b"{},", b"{a},",
        b"a,", b"a: ", b"a: &a b\n", b"- *a\n", b"- !t a\n", b"- &a\n", b"&a &a ", b"!t !t ",
        b"&a a, ", b"!t a, ", b"*a, ",
        b"a:\n ", b"\n\n a", b"'a' ", b'"a" ', b'"\\n', b"''",
        b"[\n", b"{\n", b"]\n", b"{a: [", b"- - ", b"- - \n", b"? ? ", b"? - ",
        b"- {a: b, c: [d]}\n", b'- {a: "b", c: 1}\n', b"- a: 1\n  b: 2\n",
        b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"- \xf0\x9f\x98\x80\n", b"\xff", b"a\x07", b"\x07\n",
        b"...\n", b"a\n---\n", b"...\n%TAG !a! b\n", b"%\n", b"|\n", b"- |\n a\n",
        b"- 'a\n\n'\n", b"#\n", b" #", b"- #\n", b"a\t", b"- a: \n", b"a:b,", b"\\u0041", b"\\",
    )  # fmt: skip
    for unit in units:
        for head in (b"", b"a: ", b"[", b'a: "', b"a: |\n "):
            yield (head + unit * (MAX_BYTES // len(unit)))[:MAX_BYTES]
    yield b"".join(b"k%d: 1\n" % number for number in range(360_000))[:MAX_BYTES]
    yield b"{" + b"".join(b"k%d," % number for number in range(500_000))[:MAX_BYTES]
    yield b"[" + b"[" * 20 + b"a" + b"]" * 20 + b", a" * 400_000 + b"]"
    yield b"".join(b"%*sk:\n" % (depth + 1, b"") for depth in range(3_000))
    yield b"a" * MAX_BYTES + b"a"


def megabytes() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def fault_of(raw: bytes) -> str | None:
    """What is wrong with the readers on this input, or None; `"fast"` if the fast reader took it."""
    document = read_reference(raw, "f.yaml")
    if (wrong := fault_of_document(document, raw)) is not None:
        return wrong
    ahead = read_ahead(raw)
    if ahead is UNREAD:
        return None
    if document.findings:
        return f"read ahead what the reference refuses: {document.findings[0]}"
    # The repr tells 1 from 1.0 and True, and the order of keys.
    if repr(ahead) != repr(document.data):
        return f"read ahead {ahead!r}, the reference {document.data!r}"
    return "fast"


def fault_of_document(document: Document, raw: bytes) -> str | None:
    """What is wrong with a reference reading, or None."""
    if document.data is UNREAD and not document.findings:
        return "unread without a finding"
    if bool(document.unread) != bool(document.findings) and document.unread:
        return "a part is unread without a finding"
    last = raw.count(b"\n") + raw.count(b"\r") + 1
    for finding in document.findings:
        if not isinstance(finding, Finding) or not isinstance(finding.at, Span) or finding.code not in CODES:
            return f"an odd finding: {finding}"
        if CANARY in finding.message or CANARY in (finding.hint or ""):
            return f"a value in a message: {finding}"
        start, end = finding.at[1:3], finding.at[3:5]
        if not (1, 1) <= start <= end or end[0] > last:
            return f"an impossible place: {finding}"
    if len(raw) < 10_000:
        return fault_of_places(document, document.data, ())
    return None


def fault_of_places(document: Document, data: object, keys: tuple[str | int, ...]) -> str | None:
    """What is wrong with the places of the values, or None."""
    if type(data) not in (dict, list, str, int, float, bool, type(None), type(UNREAD)):
        return f"data of type {type(data)}"
    document.span(keys)
    document.span((*keys, "nowhere"), "key")
    typed = document.typed(keys)
    if isinstance(data, (int, float)) and not isinstance(data, bool) and type(data)(typed) != data:
        return f"typed {typed!r} but read {data!r}"
    if not keys:
        document.comments()
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, child in children:
        if (wrong := fault_of_places(document, child, (*keys, key))) is not None:
            return wrong
    return None


def run(kind: str, raws: Iterator[bytes], slow: float) -> tuple[int, int, float]:
    """Run inputs; how many, how many of them the fast reader took, and the longest time of one."""
    ran = fast = 0
    longest = 0.0
    for raw in raws:
        start = time.process_time()
        try:
            answer = fault_of(raw)
        except Exception as error:
            raise SystemExit(f"RAISED {error!r} on {kind} {ran}: {raw[:300]!r}") from error
        took = time.process_time() - start
        longest = max(longest, took)
        ran += 1
        fast += answer == "fast"
        if answer not in (None, "fast"):
            raise SystemExit(f"WRONG on {kind} {ran}: {raw[:600]!r}\n{answer[:900]}")
        if took > slow:
            raise SystemExit(f"SLOW: {took:.2f} s on {kind} {ran}: {raw[:100]!r}")
        if megabytes() > MAX_MEGABYTES:
            raise SystemExit(f"GREEDY: {megabytes():.0f} MB on {kind} {ran}: {raw[:100]!r}")
    return ran, fast, longest


def main() -> None:
    """Run the fuzz and print its figures."""
    parser = argparse.ArgumentParser(description="Fuzz the YAML reader.")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-big", action="store_true", help="leave out the inputs of five megabytes")
    options = parser.parse_args()
    start = time.monotonic()
    ran, fast, longest = run("input", inputs(options.count, options.seed), MAX_SECONDS)
    print(
        f"reader: {ran:,} inputs, {fast:,} of them read ahead, longest {longest * 1000:.0f} ms, "
        f"{megabytes():.0f} MB, {time.monotonic() - start:.0f} s (seed {options.seed})"
    )
    if not options.no_big:
        start = time.monotonic()
        ran, fast, longest = run("big input", big(), MAX_SECONDS)
        print(
            f"reader: {ran:,} inputs of five megabytes, longest {longest:.2f} s, {megabytes():.0f} MB, "
            f"{time.monotonic() - start:.0f} s"
        )


if __name__ == "__main__":
    main()
