"""The machine form of the records: a JSON Schema (draft 2020-12) per file kind, and the reference pages.

    python -m carectl.caseload.schema            writes schemas/ and docs/format/
    python -m carectl.caseload.schema --check    says what has drifted, and writes nothing

What a schema cannot say (ids that must exist, days that must be due) `carectl check` says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from msgspec import inspect as shapes

from carectl.caseload.block_records import SCHEMA_KINDS
from carectl.caseload.records import Record
from carectl.caseload.validate import bare, options_of, struct_of

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DATE: Final = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"

_OWN: Final = {"^x-": {"description": "Your own: kept and never judged."}}

# Where a field wants text, a number or boolean is taken as it was typed; other readers of YAML hand them over as such.
_TEXT_TYPES: Final = ["string", "number", "boolean"]


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of a file kind."""
    record = SCHEMA_KINDS[kind]
    definitions: dict[str, Any] = {}
    body = _object(record, definitions)
    head = {"$schema": DIALECT, "$id": f"{kind}.schema.json", "title": f"carectl: {kind}"}
    return {**head, **body, "$defs": dict(sorted(definitions.items()))}


def _object(record: type[Record], definitions: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in fields_of(record):
        schema = _shape(field.type, definitions)
        if field.required:
            required.append(field.encode_name)
        else:
            schema = _or_null(schema)
        description = describe(field.type)
        properties[field.encode_name] = {"description": description, **schema} if description else schema
    return {
        "description": first_line(record),
        "type": "object",
        "properties": properties,
        "required": required,
        "patternProperties": _OWN,
        "additionalProperties": False,
    }


def fields_of(record: type[Record]) -> list[shapes.Field]:
    """The fields of a record that stand in files, in their order: `id` first, what every entry may carry last."""
    fields = [field for field in struct_of(record).fields if not isinstance(field.type, shapes.CustomType)]
    shared = ("author", "recorded", "amends", "for_family", "private", "about")
    return [f for f in fields if f.name not in shared] + [f for f in fields if f.name in shared]


def record_of(shape: shapes.StructType) -> type[Record]:
    """The record kind of a shape."""
    return cast("type[Record]", shape.cls)


def describe(shape: shapes.Type) -> str:
    """The description that a field carries, or an empty text."""
    while isinstance(shape, shapes.Metadata):
        text = (shape.extra_json_schema or {}).get("description")
        if text:
            return str(text)
        shape = shape.type
    return ""


def first_line(record: type[Record]) -> str:
    """The first line of a record's docstring."""
    return (record.__doc__ or "").strip().splitlines()[0]


def _shape(shape: shapes.Type, definitions: dict[str, Any]) -> dict[str, Any]:
    _, extra = bare(shape)
    options, _ = options_of(shape)
    schemas = [_option(option, definitions) for option in options]
    if "vocabulary" in extra:
        # An open list of words: these complete in an editor, any other word is fine too.
        schemas = [{"anyOf": [{"enum": list(extra["vocabulary"])}, *schemas]}]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _option(shape: shapes.Type, definitions: dict[str, Any]) -> dict[str, Any]:
    match shape:
        case shapes.StructType():
            name = shape.cls.__name__
            if name not in definitions:
                definitions[name] = {}
                definitions[name] = _object(record_of(shape), definitions)
            return {"$ref": f"#/$defs/{name}"}
        case shapes.VarTupleType():
            return {"type": "array", "items": _shape(shape.item_type, definitions)}
        case shapes.DictType():
            values = _shape(shape.value_type, definitions)
            inner, _ = bare(shape.value_type)
            if isinstance(inner, shapes.UnionType) and any(isinstance(t, shapes.NoneType) for t in inner.types):
                values = _or_null(values)
            key, _ = bare(shape.key_type)
            pattern = key.pattern if isinstance(key, shapes.StrType) else None
            names = {"propertyNames": {"pattern": f"^x-|{_portable(pattern)}"}} if pattern else {}
            return {"type": "object", "patternProperties": _OWN, "additionalProperties": values, **names}
        case shapes.LiteralType():
            return {"enum": list(shape.values)}
        case shapes.DateType():
            return {"type": "string", "pattern": _DATE, "format": "date"}
        case shapes.BoolType():
            return {"type": "boolean"}
        case shapes.IntType():
            return {"type": "integer"}
        case shapes.FloatType():
            limits = {"minimum": shape.ge, "exclusiveMinimum": shape.gt}
            return {"type": "number", **{key: value for key, value in limits.items() if value is not None}}
        case shapes.StrType():
            limits = {"minLength": shape.min_length, "maxLength": shape.max_length}
            form = {"pattern": _portable(shape.pattern)} if shape.pattern else {}
            return {"type": _TEXT_TYPES, **form, **{k: v for k, v in limits.items() if v is not None}}
    raise TypeError(f"no schema is known for {type(shape).__name__}")


def _portable(pattern: str) -> str:
    """A pattern as other dialects write it: their `$` is the very end by itself."""
    return pattern.replace(r"(?!\n)$", "$")


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a field that may be left empty."""
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    if isinstance(schema.get("type"), list):
        return {**schema, "type": [*schema["type"], "null"]}
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


# --- the reference pages ---------------------------------------------------------------------------------------------


def page_of(kind: str) -> str:
    """The reference page of a file kind, as Markdown."""
    record = SCHEMA_KINDS[kind]
    lines = [f"# {kind}", "", _paragraph(record), ""]
    seen: set[type[Record]] = set()
    queue: list[tuple[str, type[Record]]] = [(kind, record)]
    while queue:
        title, current = queue.pop(0)
        if current in seen:
            continue
        seen.add(current)
        if current is not record:
            lines += [f"## {title}", "", _paragraph(current), ""]
        lines += ["| field | wanted | what it is |", "|---|---|---|"]
        for field in fields_of(current):
            wanted = kind_of(field.type)
            mark = " **(required)**" if field.required else ""
            lines.append(f"| `{field.encode_name}`{mark} | {_cell(wanted)} | {_cell(describe(field.type))} |")
            queue += [(f"{title} › {field.encode_name}", inner) for inner in _records_in(field.type)]
        lines.append("")
    lines.append("Keys that begin with `x-` are your own: kept and never judged.")
    return "\n".join(lines) + "\n"


def _paragraph(record: type[Record]) -> str:
    return " ".join((record.__doc__ or "").split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def kind_of(shape: shapes.Type) -> str:
    """What a field wants, in words."""
    options, extra = options_of(shape)
    if extra.get("words"):
        return str(extra["words"])
    return " or ".join(dict.fromkeys(_kind_word(option) for option in options))


def _kind_word(shape: shapes.Type) -> str:
    match shape:
        case shapes.StructType():
            return "a group of lines: " + ", ".join(f"`{f.encode_name}`" for f in fields_of(record_of(shape))[:6])
        case shapes.VarTupleType():
            return "a list of: " + kind_of(shape.item_type)
        case shapes.DictType():
            return "a group of `name: value` lines; each value " + kind_of(shape.value_type)
        case shapes.LiteralType():
            return ", ".join(f"`{value}`" for value in shape.values)
        case shapes.DateType():
            return "a date, such as 2026-11-22"
        case shapes.BoolType():
            return "`true` or `false`"
        case shapes.IntType() | shapes.FloatType():
            return "a number"
    return "text"


def _records_in(shape: shapes.Type) -> Iterator[type[Record]]:
    options, _ = options_of(shape)
    for option in options:
        if isinstance(option, shapes.StructType):
            yield record_of(option)
        elif isinstance(option, shapes.VarTupleType):
            yield from _records_in(option.item_type)
        elif isinstance(option, shapes.DictType):
            yield from _records_in(option.value_type)


# --- drift -----------------------------------------------------------------------------------------------------------


def files() -> dict[str, str]:
    """Every generated file, by its path from the root of the checkout."""
    made = {}
    for kind in SCHEMA_KINDS:
        made[f"schemas/{kind}.schema.json"] = json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"
        made[f"docs/format/{kind}.md"] = page_of(kind)
    return made


def drifted(checkout: Path) -> list[str]:
    """The generated files that are not as the records would make them."""
    stale = []
    for name, text in files().items():
        path = checkout / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    return stale


def main(arguments: list[str]) -> int:
    """Write the generated files of a checkout, or with --check only name those that drifted."""
    checkout = Path(__file__).parents[2]
    stale = drifted(checkout)
    if "--check" in arguments:
        for name in stale:
            print(f"{name} is not what the records say: run python -m carectl.caseload.schema")
        return 1 if stale else 0
    for name in stale:
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files()[name], encoding="utf-8")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
