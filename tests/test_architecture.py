"""The walls of the house: who may import whom, where third-party libraries live, and who may ask the world.

`violations` reads the imports of a tree of files, those inside functions included, and names every breach.
docs/architecture.md has the plan in words.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent

SHARED: Final = ("carectl.findings", "carectl.errors", "carectl.words")
"""The words that every wing may use."""
RECORDS: Final = tuple(
    f"carectl.caseload.{room}" for room in ("records", "instrument_records", "block_records", "identities")
)
"""What files say, as records: definitions, and nothing that reads."""
BELOW: Final = (*SHARED, "carectl.resources", "carectl.caseload", "carectl.care", "carectl.output")
"""What the commands join."""

MAY_IMPORT: Final[dict[str, tuple[str, ...]]] = {
    "carectl": (),
    "carectl.findings": (),
    "carectl.errors": (),
    "carectl.words": (),
    "carectl.resources": ("carectl.errors",),
    "carectl.caseload": (*SHARED, "carectl.resources", "carectl.caseload"),
    "carectl.care": (*SHARED, *RECORDS, "carectl.care"),
    "carectl.output": (*SHARED, "carectl.resources", *RECORDS, "carectl.care", "carectl.output"),
    "carectl.commands": (*BELOW, "carectl.commands"),
    "carectl.cli": (*BELOW, "carectl.commands"),
    "carectl.__main__": (*SHARED, "carectl.cli", "carectl.commands.flattening"),
}  # fmt: skip
"""For each room the carectl modules (and those below them) that it may import; the longest name counts.

Anyone may import the bare package: it holds the version and nothing else.
"""

ROOM_OF: Final[dict[str, tuple[str, ...]]] = {
    "typer": ("carectl.cli", "carectl.commands"),
    "rich": ("carectl.output.terminal",),
    "yaml": ("carectl.caseload.reader", "carectl.caseload.edit"),
    "yaml_rs": ("carectl.caseload.reader", "carectl.caseload.edit"),
    "msgspec": tuple(f"carectl.caseload.{room}" for room in ("records", "identities", "validate", "load", "schema")),
    "jinja2": ("carectl.output.documents",),
    "markupsafe": ("carectl.output.documents",),
    "markdown_it": ("carectl.output.documents",),
    "weasyprint": ("carectl.output.documents",),
    "tzdata": ("carectl.caseload.zones",),
    "icalendar": ("carectl.output.calendar",),
    "subprocess": ("carectl.caseload.git", "carectl.caseload.signatures"),
}
"""Where a library may be imported. A third-party library that is not here has no room at all."""

HEAVY: Final = frozenset({"rich", "jinja2", "markdown_it", "weasyprint", "icalendar", "yaml", "yaml_rs", "msgspec"})
"""What may not be loaded before a command needs it."""

DOOR: Final = ("carectl.cli", "carectl.__main__", "carectl.commands")

ASKS_THE_WORLD: Final = (
    "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.strftime", "time.tzname",
    "os.environ", "os.environb", "os.getenv", "os.system", "os.popen", "os.urandom",
    "random", "secrets", "uuid.uuid1", "uuid.uuid4", "locale",
)  # fmt: skip
"""The clock, chance, the environment and the machine's language: below the commands they come in as arguments."""

READS_FILES: Final = ("os", "io", "pathlib", "shutil", "tempfile", "sys", "logging")
"""`care` is pure: it may not even name these."""


@dataclass
class Module:
    """One file: its name, and what it names."""

    name: str
    path: Path
    tree: ast.Module
    imports: list[tuple[str, int, bool]] = field(default_factory=list)
    """Full name, line, and whether it is loaded together with the module itself."""
    aliases: dict[str, str] = field(default_factory=dict)
    """What a name in the file stands for."""


def within(name: str, roof: str) -> bool:
    """Whether a dotted name is this one or one below it."""
    return name == roof or name.startswith(roof + ".")


def files_of(root: Path) -> dict[str, Path]:
    """The file of every module under ROOT/carectl, by its dotted name."""
    paths = sorted((root / "carectl").rglob("*.py"))
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def read_tree(root: Path) -> dict[str, Module]:
    """Every module under ROOT/carectl by its dotted name, with its imports resolved."""
    modules = {
        name: Module(name, path, ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))
        for name, path in files_of(root).items()
    }
    for module in modules.values():
        _read_imports(module, modules)
    return modules


def _read_imports(module: Module, modules: dict[str, Module]) -> None:
    for node, at_load in _walk(module.tree, at_load=True):
        if isinstance(node, ast.Import):
            for alias in node.names:
                module.imports.append((alias.name, node.lineno, at_load))
                module.aliases[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parts = module.name.split(".")
                up = node.level - (module.path.name == "__init__.py")
                source = ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{source}.{alias.name}"
                module.imports.append((full if full in modules else source, node.lineno, at_load))
                module.aliases[alias.asname or alias.name] = full
        elif isinstance(node, ast.Call) and _dotted(node.func, module) in ("importlib.import_module", "__import__"):
            named = node.args[0] if node.args else None
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                module.imports.append((named.value, node.lineno, at_load))


def _walk(node: ast.AST, *, at_load: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Every node, and whether it runs when the module is loaded."""
    for child in ast.iter_child_nodes(node):
        yield child, at_load
        if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for part in child.body:
                yield part, False
                yield from _walk(part, at_load=False)
            for part in child.orelse:
                yield part, at_load
                yield from _walk(part, at_load=at_load)
        else:
            inner = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from _walk(child, at_load=at_load and not inner)


def _dotted(node: ast.expr, module: Module) -> str | None:
    """The full dotted name that an expression stands for, as far as the file's imports tell."""
    if isinstance(node, ast.Name):
        return module.aliases.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, module)
        return f"{base}.{node.attr}" if base else None
    return None


def violations(root: Path) -> list[str]:
    """Every breach of the walls in the tree under ROOT/carectl, as `path:line: what is wrong`."""
    modules = read_tree(root)
    found: set[str] = set()
    for module in modules.values():
        where = module.path.relative_to(root).as_posix()
        checks = (_wall_breaches(module), _heavy_at_the_door(module, modules), _worldly(module))
        found.update(f"{where}:{line}: {message}" for check in checks for line, message in check)
    return sorted(found)


def _wall_breaches(module: Module) -> Iterator[tuple[int, str]]:
    room = max((room for room in MAY_IMPORT if within(module.name, room)), key=len)
    if room == "carectl" and module.name != "carectl":
        yield 1, f"{module.name} has no room: give it one in this test and in docs/architecture.md"
    for name, line, _ in module.imports:
        top = name.partition(".")[0]
        if top == "carectl":
            if name != "carectl" and not any(within(name, allowed) for allowed in MAY_IMPORT[room]):
                yield line, f"{module.name} may not import {name}"
        elif top in ROOM_OF:
            if not any(within(module.name, allowed) for allowed in ROOM_OF[top]):
                yield line, f"{module.name} may not import {top}: it lives in {' and '.join(ROOM_OF[top])}"
        elif top not in sys.stdlib_module_names:
            yield line, f"{module.name} may not import {top}: no room is given to it"


def _loaded_with(name: str, modules: dict[str, Module]) -> dict[str, tuple[str, ...]]:
    """What comes in when a module is loaded: each name with the way that led to it."""
    ways: dict[str, tuple[str, ...]] = {}
    queue: list[tuple[str, tuple[str, ...]]] = [(name, (name,))]
    while queue:
        current, way = queue.pop(0)
        parts = current.split(".")
        for end in range(1, len(parts) + 1):
            part = ".".join(parts[:end])
            if part not in ways:
                ways[part] = way
                if part in modules:
                    queue += [(target, (*way, target)) for target, _, at_load in modules[part].imports if at_load]
    return ways


def _heavy_at_the_door(module: Module, modules: dict[str, Module]) -> Iterator[tuple[int, str]]:
    if any(within(module.name, door) for door in DOOR):
        for loaded, way in _loaded_with(module.name, modules).items():
            if loaded in HEAVY:
                line = next((at for name, at, _ in module.imports if len(way) > 1 and name == way[1]), 1)
                yield line, f"{module.name} loads {loaded} with itself ({' → '.join(way)}): import inside the function"


def _worldly(module: Module) -> Iterator[tuple[int, str]]:
    if any(within(module.name, door) for door in DOOR):
        return
    pure = within(module.name, "carectl.care")
    for name, line, _ in module.imports:
        if pure and name.partition(".")[0] in READS_FILES:
            yield line, f"{module.name} is pure and may not import {name}"
        if any(within(name, source) for source in ASKS_THE_WORLD):
            yield line, f"{module.name} may not ask {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, (ast.Name, ast.Attribute)):
            dotted = _dotted(node, module)
            if dotted in ASKS_THE_WORLD and (not isinstance(node, ast.Name) or node.id in module.aliases):
                yield node.lineno, f"{module.name} may not ask {dotted}"
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, f"{module.name} {breach}") for breach in _worldly_call(node, module, pure=pure))


def _worldly_call(call: ast.Call, module: Module, *, pure: bool) -> Iterator[str]:
    dotted = _dotted(call.func, module)
    last = call.func.attr if isinstance(call.func, ast.Attribute) else dotted
    if pure and dotted in ("print", "open", "input"):
        yield f"is pure and may not {dotted}"
    if last == "astimezone" and not call.args:
        yield "may not ask for the machine's time zone"
    if dotted == "zoneinfo.ZoneInfo":
        yield "may not ask the machine's time zone database: carectl.caseload.zones has the pinned one"
    own = (
        isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "self"
    )
    if last in ("open", "fdopen", "read_text", "write_text") and dotted != "os.open" and not own:
        keywords = {word.arg: word.value for word in call.keywords}
        first = 1 if dotted in ("open", "io.open", "os.fdopen") else 0
        mode = keywords.get("mode", call.args[first] if "open" in last and len(call.args) > first else None)
        binary = isinstance(mode, ast.Constant) and "b" in str(mode.value)
        if not binary and "encoding" not in keywords and not (last == "read_text" and call.args):
            yield f"may not {last} with the machine's own encoding: say which"


# --- the house as it is ----------------------------------------------------------------------------------------------


def test_the_walls_stand() -> None:
    assert violations(ROOT) == []


def test_every_third_party_dependency_has_a_room() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {"pyyaml": "yaml", "yaml-rs": "yaml_rs", "markdown-it-py": "markdown_it"}
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    wanted = [line.split(">")[0].split("=")[0] for line in [*project["dependencies"], *extras]]
    # markupsafe is the strings of jinja2.
    assert {names.get(name, name) for name in wanted} == set(ROOM_OF) - {"subprocess", "markupsafe"}


def test_the_plan_of_the_house_names_every_room() -> None:
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"```\n(carectl/\n.*?)```", plan, flags=re.DOTALL)
    named = set(re.findall(r"^ *([\w/]+)", listed, flags=re.MULTILINE))
    many = ("carectl.commands.", "carectl.care.checks.", "carectl.caseload.edit.")
    rooms = {name.rpartition(".")[2] for name in files_of(ROOT) if not name.startswith(many)}
    assert rooms == {name.rstrip("/").rpartition("/")[2] for name in named}


@pytest.mark.parametrize(
    "line",
    ["import carectl.cli", "import sys; sys.argv = ['carectl', '--version']; import carectl.__main__ as m; m.main()"],
)
def test_nothing_heavy_is_loaded_at_the_door(line: str) -> None:
    program = f"""
import sys
try:
    {line}
except SystemExit as stop:
    assert not stop.code, stop.code
print(sorted({set(HEAVY)!r} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


# --- the checker itself: it reports what it should -------------------------------------------------------------------


def plant(root: Path, files: dict[str, str]) -> Path:
    """A small house with these rooms."""
    for name, text in {
        "carectl/__init__.py": "",
        "carectl/findings.py": "",
        "carectl/errors.py": "",
        "carectl/caseload/__init__.py": "",
        "carectl/caseload/records.py": "import msgspec\n",
        "carectl/caseload/load.py": "",
        "carectl/care/__init__.py": "",
        "carectl/care/schedule.py": "from carectl.caseload import records\n",
        "carectl/output/__init__.py": "",
        "carectl/commands/__init__.py": "",
        **files,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


SOUND: Final = {
    "carectl/cli.py": "import typer\nfrom carectl.commands import check\n",
    "carectl/commands/check.py": (
        "from typing import TYPE_CHECKING\nimport datetime as dt\nimport typer\n"
        "if TYPE_CHECKING:\n    from carectl.caseload.records import Caseload\n"
        "def run() -> 'Caseload':\n    from carectl.caseload.load import load\n    return load(dt.datetime.now())\n"
    ),
    "carectl/caseload/load.py": (
        "from . import records\ndef load(path):\n    with open(path, 'rb') as f, path.open(encoding='utf-8') as g:\n"
        "        return f.read(), path.read_text('utf-8')\n"
    ),
    "carectl/care/schedule.py": (
        "import datetime as dt\nfrom carectl.care import sharing\nfrom carectl.caseload.records import Chart\n"
        "def due(setting):\n"
        "    return dt.time(9), setting.today, setting.now.astimezone(dt.UTC)\n"
    ),
    "carectl/care/sharing.py": "",
    "carectl/output/terminal.py": "import rich.table\nfrom ..care import schedule\n",
}


def test_a_sound_house_is_left_alone(tmp_path: Path) -> None:
    assert violations(plant(tmp_path, SOUND)) == []


BREACHES: Final = [
    ("carectl/care/schedule.py", "import typer\n", "carectl.care.schedule may not import typer"),
    ("carectl/care/schedule.py", "def f():\n    import typer\n", "carectl.care.schedule may not import typer"),
    ("carectl/care/schedule.py", "from carectl.caseload import load\n", "may not import carectl.caseload.load"),
    ("carectl/care/schedule.py", "from ..caseload.load import load\n", "may not import carectl.caseload.load"),
    ("carectl/care/schedule.py", "import carectl.output\n", "may not import carectl.output"),
    ("carectl/care/checks/dates.py", "import msgspec\n", "carectl.care.checks.dates may not import msgspec"),
    ("carectl/care/sharing.py", "import dateutil.rrule\n", "carectl.care.sharing may not import dateutil"),
    ("carectl/care/sharing.py", "import importlib\nimportlib.import_module('typer')\n", "may not import typer"),
    ("carectl/caseload/load.py", "from carectl.care import schedule\n", "may not import carectl.care.schedule"),
    ("carectl/caseload/load.py", "import subprocess\n", "may not import subprocess"),
    ("carectl/caseload/load.py", "import yaml\n", "may not import yaml"),
    ("carectl/output/calendar/ical.py", "from carectl.caseload.load import x\n", "import carectl.caseload.load"),
    ("carectl/output/calendar/ical.py", "import carectl.commands\n", "may not import carectl.commands"),
    ("carectl/output/documents.py", "import rich\n", "carectl.output.documents may not import rich"),
    ("carectl/findings.py", "import carectl.errors\n", "carectl.findings may not import carectl.errors"),
    ("carectl/commands/check.py", "import pydantic\n", "may not import pydantic: no room is given to it"),
    ("carectl/attic.py", "", "carectl.attic has no room"),
    ("carectl/commands/check.py", "from carectl.caseload import records\n", "carectl.commands.check loads msgspec"),
    ("carectl/cli.py", "from carectl.care.schedule import x\n", "carectl.cli loads msgspec"),
    ("carectl/care/sharing.py", "import datetime as dt\nx = dt.date.today()\n", "may not ask datetime.date.today"),
    ("carectl/care/sharing.py", "from datetime import datetime as d\nf = d.now\n", "may not ask datetime.datetime.now"),
    ("carectl/output/calendar/ical.py", "import time\nx = time.time()\n", "may not ask time.time"),
    ("carectl/output/calendar/ical.py", "from uuid import uuid4\nx = uuid4()\n", "may not ask uuid.uuid4"),
    ("carectl/output/calendar/ical.py", "import random\n", "may not ask random"),
    ("carectl/caseload/root.py", "import os\nx = os.environ['HOME']\n", "may not ask os.environ"),
    ("carectl/caseload/root.py", "def f(p):\n    return p.read_text()\n", "may not read_text with the machine's own"),
    ("carectl/caseload/root.py", "def f(p):\n    return open(p)\n", "may not open with the machine's own encoding"),
    ("carectl/caseload/root.py", "def f(p):\n    return p.open('w')\n", "may not open with the machine's own encoding"),
    ("carectl/caseload/root.py", "from zoneinfo import ZoneInfo\nx = ZoneInfo('UTC')\n", "time zone database"),
    ("carectl/output/calendar/ical.py", "def f(t):\n    return t.astimezone()\n", "machine's time zone"),
    ("carectl/care/sharing.py", "from pathlib import Path\n", "is pure and may not import pathlib"),
    ("carectl/care/sharing.py", "print(1)\n", "is pure and may not print"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "report"), BREACHES)
def test_a_breach_is_reported(path: str, text: str, report: str, tmp_path: Path) -> None:
    found = violations(plant(tmp_path, {path: text}))
    assert any(line.startswith(f"{path}:") and report in line for line in found), found
