"""Files of records and what two people do to them, by chance: triples for the laws of merging."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

from carectl.caseload.edit import CannotEdit, Editor
from carectl.caseload.identities import Bag, Group, Leaf, Lost, Node, Rows, build, canonical
from carectl.caseload.reader import read_reference
from carectl.findings import Keys

Random = random.Random

KINDS: Final = ("medications", "contacts", "care-plan", "client", "visits", "tasks", "notes", "concerns", "supplies")

WORDS: Final = ("lamp", "rail", "tea", "walk", "stairs", "pills", "daughter", "van", "snow", "cat")
DATES: Final = ("2026-08-03", "2026-09-14", "2026-10-02", "2026-11-18", "2026-12-24", "2027-02-01")
TIMES: Final = ("08:00", "09:30", "14:00", "20:00")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri")
NONE: Final = {"medications": "none", "allergies": "none_known"}
"""What somebody may say instead of an empty list."""
POOL: Final = 6
"""Ids of one list that there can be: few enough that both sides choose the same one now and then."""


def text_of(rng: Random) -> str:
    """A few words; now and then several lines."""
    words = " ".join(rng.choices(WORDS, k=rng.randint(1, 4)))
    return words if rng.random() < 0.85 else f"{words}\n{rng.choice(WORDS)} {rng.choice(WORDS)}\n{rng.choice(WORDS)}\n"


def some(rng: Random, values: tuple[str, ...]) -> list[str]:
    """Some of these values, in their order."""
    return [value for value in values if rng.random() < 0.4] or [rng.choice(values)]


def choice(*values: Any) -> Callable[[Random], Any]:
    """One of these values."""
    return lambda rng: rng.choice(values)


def line_of(rng: Random) -> str:
    """Words on one line."""
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 3)))


def date(rng: Random) -> str:
    """A day."""
    return rng.choice(DATES)


class Shape(dict[str, Any]):
    """The fields of a record and how each is made up; `id` and keys of entries are made up by the list."""


class Listed:
    """A list of entries."""

    def __init__(self, entry: Shape, most: int = 4, key: Callable[[int], dict[str, Any]] | None = None) -> None:
        self.entry, self.most = entry, most
        self.key = key or (lambda number: {"id": f"n-{number}"})


def dated(field: str) -> Callable[[int], dict[str, Any]]:
    """A natural key that is a day."""
    return lambda number: {field: f"2026-05-{number + 10}"}


PROGRESS: Final = Listed(Shape(value=choice(0, 1, 2, 3), note=text_of), 3, dated("date"))
GOAL: Final = Shape(
    text=text_of, status=choice("active", "on_hold"), target=choice(0, 1, 20), due=date, progress=PROGRESS
)
INTERVENTION: Final = Shape(text=text_of, status=choice("active", "on_hold"), days=lambda r: some(r, DAYS), who=line_of)
SHARING: Final = Listed(
    Shape(topics=lambda r: some(r, ("schedule", "goals", "health"))), 2,
    lambda n: {"basis": "agreed", "given": f"2026-06-{n + 10}"},
)  # fmt: skip
VISIT: Final = Shape(
    service=choice("nursing", "meals"),
    date=date,
    at=lambda rng: rng.choice(TIMES),
    status=choice("planned", "done"),
    note=text_of,
    for_family=Shape(en=line_of, es=line_of),
)
SERIES: Final = Shape(
    service=choice("nursing", "therapy"),
    at=lambda rng: rng.choice(TIMES),
    duration=choice("1h", "2h"),
    days=lambda rng: some(rng, DAYS),
    staff=choice("jo", "marek"),
    **{"except": lambda rng: some(rng, DATES)},
)
MEDICATION: Final = Shape(
    name=line_of,
    strength=choice("20 mg", "40 mg", "5 mg"),
    dose=choice("1 tablet", "2 tablets"),
    times=lambda rng: some(rng, TIMES),
    indication=text_of,
    **{"from": date},
)
CONTACT: Final = Shape(
    name=line_of,
    phone=choice("+1 1", "+1 2", "+1 3"),
    relationship=line_of,
    sharing=SHARING,
    call_for=lambda rng: some(rng, ("fall", "hospital", "missed_visit")),
)
PROBLEM: Final = Shape(
    statement=text_of,
    status=choice("active", "resolved"),
    priority=choice("high", "low"),
    goals=Listed(GOAL, 3),
    interventions=Listed(INTERVENTION, 2),
)
CLIENT: Final = Shape(
    name=Shape(given=line_of, family=line_of),
    status=choice("active", "on_hold"),
    language=choice("en", "es"),
    code_status=choice("full", "dnr"),
    end_of_care=date,
    advance_directives=Listed(Shape(where=line_of), 2, lambda n: {"kind": "dnr", "date": f"2026-05-{n + 10}"}),
    phones=lambda rng: some(rng, ("+1 5", "+1 6", "+1 7")),
    address=Shape(street=line_of, city=line_of, postal_code=choice(60201, 60202)),
    emergency=Shape(hospital=line_of, backup_plan=text_of),
    preferences=lambda rng: some(rng, WORDS[:5]),
    allergies=Listed(Shape(reaction=line_of, severity=choice("mild", "severe")), 3, lambda n: {"substance": f"s{n}"}),
    away=Listed(Shape(until=date, reason=line_of), 2, dated("from")),
)
NOTE: Final = Shape(
    at=choice("2026-11-20T10:15"),
    text=text_of,
    minutes=choice(5, 10),
    author=line_of,
    topics=lambda rng: some(rng, ("wellbeing", "health")),
    private=choice(True, False),
)
CONCERN: Final = Shape(
    kind=choice("fall"),
    facts=text_of,
    harm=choice("none", "minor"),
    closed=date,
    told=Listed(Shape(basis=choice("law")), 2, lambda n: {"who": f"p{n}", "at": "2026-10-02"}),
)
SUPPLY: Final = Shape(item=line_of, on_hand=choice(1, 2, 3), counted=date)
EQUIPMENT: Final = Shape(item=line_of, supplier=line_of, service_due=date, owner=choice("rental", "loan"))
SHAPES: Final[dict[str, Shape]] = {
    "medications": Shape(medications=Listed(MEDICATION)),
    "contacts": Shape(contacts=Listed(CONTACT)),
    "care-plan": Shape(period=Shape(until=date, **{"from": date}), review_due=date, problems=Listed(PROBLEM)),
    "client": CLIENT,
    "visits": Shape(series=Listed(SERIES), visits=Listed(VISIT)),
    "tasks": Shape(tasks=Listed(Shape(text=text_of, due=date, done=date), 6)),
    "notes": Shape(notes=Listed(NOTE, 6)),
    "concerns": Shape(concerns=Listed(CONCERN)),
    "supplies": Shape(supplies=Listed(SUPPLY), equipment=Listed(EQUIPMENT)),
}
"""By file kind."""


def made(rng: Random, shape: Any, full: float = 0.7) -> Any:
    """A value by its shape."""
    if isinstance(shape, Shape):
        return {name: made(rng, inner, full) for name, inner in shape.items() if rng.random() < full}
    if isinstance(shape, Listed):
        numbers = rng.sample(range(POOL), rng.randint(1, shape.most))
        return [{**shape.key(number), **made(rng, shape.entry, full)} for number in sorted(numbers)]
    return shape(rng)


def document(rng: Random, kind: str) -> dict[str, Any]:
    """The content of a file."""
    return {name: made(rng, inner) for name, inner in SHAPES[kind].items() if rng.random() < 0.9}


def places(shape: Any, data: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every place of a file at which something can be done, with its shape: also fields that are not there."""
    if keys:
        yield keys, shape
    if isinstance(shape, Shape) and isinstance(data, dict):
        for name, inner in shape.items():
            yield from places(inner, data.get(name), (*keys, name))
    elif isinstance(shape, Listed) and isinstance(data, list):
        for position, entry in enumerate(data):
            yield from places(shape.entry, entry, (*keys, position))


class Edit:
    """Something that a person does to a file: the place, and what it holds then (None: nothing)."""

    def __init__(self, sort: str, keys: Keys, value: Any = None, position: int = 0) -> None:
        self.sort, self.keys, self.value, self.position = sort, keys, value, position


def edit_of(rng: Random, kind: str, data: dict[str, Any]) -> Edit:
    """Any edit of a file."""
    keys, shape = rng.choice(list(places(SHAPES[kind], data)))
    if rng.random() < 0.15:
        keys, shape = rng.choice([(way, inner) for way, inner in places(SHAPES[kind], data) if len(way) == 1])
    value = value_at(data, keys)
    if isinstance(shape, Listed):
        if keys[-1] in NONE and rng.random() < 0.1:
            return Edit("set", keys, NONE[str(keys[-1])])
        if isinstance(value, str):
            return Edit("set", keys, made(rng, shape))
        entries = value or []
        key = shape.key(rng.randrange(POOL))
        is_taken = any(entry.items() >= key.items() for entry in entries)
        if is_taken or rng.random() < 0.3:
            return Edit("reorder", keys, rng.sample(range(len(entries)), len(entries)))
        position = rng.choice([len(entries), rng.randint(0, len(entries))])
        return Edit("insert", keys, {**key, **made(rng, shape.entry, 0.5)}, position)
    if isinstance(keys[-1], int):
        if rng.random() < 0.4:
            return Edit("remove", keys)
        name = rng.choice(list(shape))
        return edit_at(rng, (*keys, name), shape[name], value.get(name) if isinstance(value, dict) else None)
    return edit_at(rng, keys, shape, value)


def edit_at(rng: Random, keys: Keys, shape: Any, value: Any) -> Edit:
    """An edit of one field."""
    if value is not None and rng.random() < 0.15:
        return Edit("remove", keys)
    return Edit("set", keys, made(rng, shape))


def value_at(data: Any, keys: Keys) -> Any:
    """The value at a place, or None."""
    for key in keys:
        if isinstance(data, dict):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data


def edited(data: dict[str, Any], edit: Edit) -> dict[str, Any]:
    """The content after an edit. One that makes no sense (a field of nothing) changes nothing."""
    result = copy.deepcopy(data)
    parent = value_at(result, edit.keys[:-1])
    if edit.sort in ("insert", "reorder"):
        entries = value_at(result, edit.keys)
        if not isinstance(parent, dict) or (entries is None and edit.sort == "reorder"):
            return data
        entries = list(entries or [])
        if edit.sort == "insert":
            entries.insert(edit.position, edit.value)
        else:
            entries = [entries[position] for position in edit.value]
        parent[edit.keys[-1]] = entries
    elif isinstance(parent, (dict, list)):
        if edit.sort == "remove":
            del parent[edit.keys[-1]]  # type: ignore[arg-type]
        else:
            parent[edit.keys[-1]] = copy.deepcopy(edit.value)  # type: ignore[index]
    else:
        return data
    return result


def changed(rng: Random, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """The content after some edits."""
    for _ in range(rng.choice((0, 1, 1, 2, 3, 5))):
        data = edited(data, edit_of(rng, kind, data))
    return data


# --- as text ---------------------------------------------------------------------------------------------------------


class Writer:
    """Writes content as a person might: entries in braces or not, comments, blank lines, lists in or out."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.count = 0
        self.step = rng.choice((0, 2, 2, 4))

    def comment(self, chance: float) -> str | None:
        """A comment that stands nowhere else."""
        if self.rng.random() > chance:
            return None
        self.count += 1
        return f"# c{self.count} {self.rng.choice(WORDS)}"

    def file(self, data: dict[str, Any]) -> str:
        """The file."""
        lines = [f"# about {self.rng.choice(WORDS)}"] * (self.rng.random() < 0.5)
        lines += self.fields(data, 0)
        lines += ["# the end"] * (self.rng.random() < 0.2)
        return "\n".join(lines) + "\n" if lines else ""

    def fields(self, data: dict[str, Any], column: int) -> list[str]:
        """The fields of a mapping, each on lines of its own."""
        lines: list[str] = []
        pad = " " * column
        for name, value in data.items():
            above = self.comment(0.1)
            lines += [pad + above] if above else []
            behind = self.comment(0.1)
            tail = f"  {behind}" if behind else ""
            if isinstance(value, str) and "\n" in value:
                lines += [f"{pad}{name}: |", *(f"{pad}  {line}" for line in value.rstrip("\n").split("\n"))]
            elif isinstance(value, dict) and value and self.rng.random() < 0.5 and "\n" not in str(value):
                lines += [f"{pad}{name}:{tail}", *self.fields(value, column + 2)]
            elif isinstance(value, list) and value and isinstance(value[0], dict) and self.rng.random() < 0.85:
                lines += [f"{pad}{name}:{tail}", *self.entries(value, column + self.step)]
            else:
                lines.append(f"{pad}{name}: {flow(value)}{tail}")
        return lines

    def entries(self, value: list[dict[str, Any]], column: int) -> list[str]:
        """The entries of a list."""
        lines: list[str] = []
        pad = " " * column
        apart = self.rng.random() < 0.3
        for entry in value:
            if apart and lines:
                lines.append("")
            above = self.comment(0.2)
            lines += [pad + above] if above else []
            if self.rng.random() < 0.3:
                behind = self.comment(0.2)
                lines.append(f"{pad}- {flow(entry)}" + (f"  {behind}" if behind else ""))
                continue
            inner = self.fields(entry, column + 2)
            while inner and inner[0].lstrip().startswith("#"):
                inner.pop(0)
            lines += [f"{pad}- {inner[0][column + 2 :]}", *inner[1:]]
        return lines


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return (
            '"' + value.replace("\n", "\\n") + '"'
            if not value.replace(" ", "").isalnum() or value[0].isdigit()
            else value
        )
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def retouched(rng: Random, kind: str, raw: bytes, name: str) -> bytes:
    """A file after some edits of its content and its comments, made as carectl or a person makes them."""
    for count in range(rng.choice((1, 1, 2, 3, 4))):
        data: Any = read_reference(raw, "f").data
        new = raw
        if rng.random() < 0.65:
            edit = edit_of(rng, kind, data if isinstance(data, dict) else {})
            try:
                editor = Editor(raw, "f")
                if edit.sort == "remove":
                    editor.remove(edit.keys)
                elif edit.sort == "insert":
                    editor.insert(edit.keys, edit.position, edit.value)
                else:
                    after = value_at(edited(data, edit), edit.keys)
                    if after is not None:
                        editor.set(edit.keys, after)
                new = editor.result()
            except CannotEdit:
                continue
        else:
            new = commented(rng, raw, f"{name}{count}")
        document = read_reference(new, "f")
        if not document.findings and not build(kind, document.data)[1]:
            raw = new
    return raw


def commented(rng: Random, raw: bytes, name: str) -> bytes:
    """A file with a comment more, less, or in other words; what it says stays."""
    lines = raw.decode().split("\n")
    at = rng.randrange(len(lines))
    line = lines[at]
    if line.lstrip().startswith("#"):
        lines[at : at + 1] = rng.choice(
            ([], [line + f" {name}"], [line, line[: len(line) - len(line.lstrip())] + f"# {name}"])
        )
    elif rng.random() < 0.5 and line.strip():
        lines[at] = line + f"  # {name}"
    else:
        lines.insert(at, " " * (len(line) - len(line.lstrip(" "))) + f"# {name} above")
    new = "\n".join(lines).encode()
    before, after = read_reference(raw, "f"), read_reference(new, "f")
    return new if not after.findings and before.data == after.data else raw


# --- what is in a version, told apart ---------------------------------------------------------------------------------


def leaves(node: Node | None, way: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """Everything that a version says, each by its way; of a set every item. The order of entries is not in it."""
    found: dict[tuple[Any, ...], Any] = {}
    match node:
        case Leaf():
            found[way] = canonical(node)
        case Bag(items):
            for item in items:
                found[(*way, ("item", str(item)))] = True
        case Group(fields):
            for name, inner in fields.items():
                found |= leaves(inner, (*way, name))
        case Rows(rows, _, word):
            if word is not None:
                found[(*way, "word")] = word
            for key, row in rows.items():
                found[(*way, key, "is there")] = True
                found |= leaves(row, (*way, key))
        case Lost() | None:
            pass
    return found
