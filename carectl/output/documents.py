"""Plans and letters through templates, in a sandbox that sees one document's data and nothing else.

A template gets the plain data that `carectl.care` chose for its audience; it cannot reach a chart, a file or the clock.
Everything it prints is made harmless for its format (HTML or Markdown), and no filter or switch turns that off.

What is limited: bytes printed, steps (loop rounds, calls, templates loaded), the length of any one text or list, the
size of numbers, the depth of calls, and the size of a template itself. There is no wall clock: the same template
stops at the same place on every machine. Not limited is the time that one step takes, which these bounds keep small.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property, lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from carectl import resources
from carectl.errors import EnvironmentProblem
from carectl.findings import Finding, Severity, Span, code

if TYPE_CHECKING:
    from jinja2 import Environment

    from carectl.care.letters import Letter
    from carectl.care.plans import PlanDocument

Format = Literal["md", "html"]

MAX_BYTES: Final = 5_000_000
"""How much a document may print."""
MAX_STEPS: Final = 100_000
"""How many loop rounds, calls and loaded templates a document may take."""
MAX_TEXT: Final = 1_000_000
"""How long a text or list may grow inside a template."""
MAX_RANGE: Final = 1_000
MAX_NUMBER: Final = 10**12
MAX_TEMPLATE: Final = 256 * 1024
"""How large a template file may be."""

BUILTIN: Final = "builtin/"
"""How a practice's own template names one that comes with carectl: {% extends "builtin/letter-family.md.j2" %}."""

_FILTERS: Final = frozenset({
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int", "items", "last",
    "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select", "selectattr", "sort",
    "string", "sum", "title", "trim", "truncate", "unique", "upper", "wordcount",
})  # fmt: skip
"""The filters of Jinja that stay. Those that mark text as safe, draw lots, print internals or grow text are gone."""
_STR_METHODS: Final = frozenset({
    "upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "startswith", "endswith", "split",
    "removeprefix", "removesuffix",
})  # fmt: skip


class TemplateFault(EnvironmentProblem):
    """A template that cannot be used. The finding says where and why, and holds nothing of the client's."""

    def __init__(self, finding: Finding) -> None:
        span = finding.at
        line = f":{span.line}" if isinstance(span, Span) else ""
        super().__init__(f"{finding.path}{line}: {finding.message}")
        self.finding = finding


@code("template-fault", Severity.ERROR)
def template_fault(path: str, line: int, message: str) -> Finding:
    """A template that cannot be used.

    It is not well formed, names something that its document does not have, reaches for what templates may not touch,
    or runs or prints without end. Nothing is written then. `docs/templates.md` lists what each template can see.

    Wrong:
        {{ letter.client_name }}

    Right:
        {{ letter.client }}
    """
    return Finding("template-fault", Severity.ERROR, Span(path, line, 1, line, 1), message)


# --- documents -------------------------------------------------------------------------------------------------------


def render_letter(letter: Letter) -> str:
    """A family letter as Markdown."""
    return render("letter-family.md.j2", {"letter": letter}, letter.language, letter.date)


def render_plan(plan: PlanDocument, form: Format = "md") -> str:
    """A care plan as Markdown or as one self-contained HTML page."""
    return render(f"care-plan.{form}.j2", {"plan": plan}, plan.language, plan.date)


def languages() -> frozenset[str]:
    """The languages that there are words for."""
    return frozenset(path.stem for path in (resources.folder("templates") / "words").glob("*.toml"))


def render(template: str, context: Mapping[str, object], language: str, today: dt.date, own: Path | None = None) -> str:
    """A template printed with a context. `own` is a practice's folder of templates, looked into first.

    Raises TemplateFault, and then nothing has been printed.
    """
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

    press = _press(_sink(template), language, own)
    press.today, press.steps = today, 0
    try:
        environment = press.environment
        pieces: list[str] = []
        size = 0
        for piece in environment.get_template(template).generate(
            **{name: trimmed(value) for name, value in context.items()}
        ):
            size += len(piece.encode())
            if size > MAX_BYTES:
                raise LimitError(f"prints more than {MAX_BYTES // 1_000_000} MB")
            pieces.append(piece)
    except TemplateSyntaxError as error:
        raise TemplateFault(template_fault(press.shown(error.filename), error.lineno, error.message or "")) from None
    except TemplateNotFound as error:
        path, line = press.place(error)
        raise TemplateFault(template_fault(path or template, line, f"there is no template {error.name}")) from None
    except RecursionError as error:
        path, line = press.place(error)
        raise TemplateFault(template_fault(path or template, line, "calls itself without end")) from None
    except Exception as error:
        path, line = press.place(error)
        # What other exceptions say may quote the client's data; Jinja's and ours name types and fields.
        said = isinstance(error, (TemplateError, LimitError))
        message = re.sub(r"'carectl[\w.]*\.(\w+) object'", r"\1", str(error)) if said else ""
        message = message or f"{type(error).__name__} in an expression"
        raise TemplateFault(template_fault(path or template, line, message)) from None
    return _tidy("".join(pieces))


def _tidy(text: str) -> str:
    """No blanks at the ends of lines and no two empty lines in a row: what is left out leaves no hole."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


# --- making text harmless --------------------------------------------------------------------------------------------

_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and those that turn the direction of the text after them."""
_MD_INSIDE: Final = re.compile(r"([\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_]))")
_MD_START: Final = re.compile(r"^( ?)([-+](?=[-+\s]|$)|=|#|\d{1,9}(?=[.)](?:\s|$)))")


class LimitError(Exception):
    """A template went beyond what a document may take."""


def clean(text: str) -> str:
    """Text on one line, without characters that a reader cannot see but a program obeys."""
    return re.sub(r"\s+", " ", _CONTROL.sub("", text))


def trimmed(value: Any) -> Any:
    """Plain data without blanks at the ends of its texts: `** word**` would not be bold."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, tuple):
        return tuple(map(trimmed, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{item.name: trimmed(getattr(value, item.name)) for item in fields(value)})
    return value


def number(value: object) -> str:
    """A value as text; a whole number without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def lasting(length: str) -> str:
    """A length of time as people write it: 1 h 30 min."""
    return re.sub(r"(\d)([hm])(?=(\d?))", lambda found: f"{found[1]} {'h' if found[2] == 'h' else 'min'}"
                  f"{' ' if found[3] else ''}", length)  # fmt: skip


def as_markdown(text: str) -> str:
    """Text that Markdown shows as it is: no HTML, no markup, no broken table or list."""
    text = _MD_INSIDE.sub(r"\\\1", clean(text))
    text = re.sub(r"&(?=#|\w+;)", "&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    # At the start of a line these would begin a list, a heading or a rule. 12. becomes 12\.
    return _MD_START.sub(lambda found: found[1] + (f"{found[2]}\\" if found[2].isdigit() else f"\\{found[2]}"), text)


def as_html(text: str) -> str:
    """Text that HTML shows as it is."""
    from markupsafe import escape

    return str(escape(clean(text)))


def _sink(template: str) -> Callable[[str], str]:
    """How text is made harmless, by the name of the template; what is not known is taken for HTML."""
    return as_markdown if template.removesuffix(".j2").endswith((".md", ".txt")) else as_html


# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language: sentences, terms, and how dates and times are written."""

    language: str
    tables: Mapping[str, Any]

    @staticmethod
    @lru_cache(maxsize=8)
    def read(language: str) -> Vocabulary:
        """The words of templates/words/LANGUAGE.toml."""
        path = resources.folder("templates") / "words" / f"{language}.toml"
        try:
            return Vocabulary(language, tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise EnvironmentProblem(f"the words for {language} cannot be read: {type(error).__name__}") from None

    def say(self, key: str, **values: object) -> str:
        """A sentence by its dotted key, with {names} replaced."""
        text: Any = self.tables
        for part in key.split("."):
            text = text.get(part) if isinstance(text, Mapping) else None
        if not isinstance(text, str):
            raise LimitError(f"there are no words {key} in {self.language}")
        missing = set(re.findall(r"\{(\w+)\}", text)) - values.keys()
        if missing:
            raise LimitError(f"the words {key} want {min(missing)}")
        return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), text)

    def term(self, table: str, value: str) -> str:
        """The word for a term of the format; one that is not known is shown as it is, without its underscores."""
        found = self.tables.get(table, {}).get(value)
        return found if isinstance(found, str) else value.replace("_", " ")

    def day(self, day: dt.date, today: dt.date) -> str:
        """A day with its weekday; the year only where it is another."""
        return self._dated("day" if day.year == today.year else "day_year", day)

    def date(self, day: dt.date) -> str:
        """A date in full."""
        return self._dated("date", day)

    def _dated(self, key: str, day: dt.date) -> str:
        dates = self.tables["dates"]
        parts = {"weekday": dates["weekdays"][day.weekday()], "month": dates["months"][day.month - 1]}
        return self.say(f"dates.{key}", day=day.day, year=day.year, **parts)

    def time(self, time: dt.time) -> str:
        """A time of day."""
        clock = self.tables["clock"]
        if clock["hours"] == 24:
            return f"{time.hour:02}:{time.minute:02}"
        half = clock["am"] if time.hour < 12 else clock["pm"]
        return f"{time.hour % 12 or 12}:{time.minute:02} {half}"

    def names(self, names: Sequence[str]) -> str:
        """Names as one says them: Jo, Lucía and Dana."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.tables['dates']['and']} {names[-1]}"


# --- the sandbox -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _press(sink: Callable[[str], str], language: str, own: Path | None) -> _Press:
    """One press for all documents of a kind: templates are compiled once. It prints one document at a time."""
    return _Press(sink, Vocabulary.read(language), own)


@dataclass
class _Press:
    """A sandbox with its sink and its words, and how much the document in print has taken so far."""

    sink: Callable[[str], str]
    words: Vocabulary
    own: Path | None
    today: dt.date = dt.date.min
    steps: int = 0
    files: dict[str, str] = field(default_factory=dict)
    """Where the templates that were loaded lie, and how they are named to people."""

    def step(self, count: int = 1) -> None:
        """Count work; too much of it is a fault."""
        self.steps += count
        if self.steps > MAX_STEPS:
            raise LimitError(f"takes more than {MAX_STEPS} steps: a loop or call without end?")

    def shown(self, filename: str | None) -> str:
        """How a template file is named to people."""
        return self.files.get(filename or "", "template")

    def place(self, error: BaseException) -> tuple[str | None, int]:
        """The template and line an error came from: the innermost that is one of ours."""
        found: tuple[str | None, int] = (None, 1)
        trace = error.__traceback__
        while trace is not None:
            filename = trace.tb_frame.f_code.co_filename
            if filename in self.files:
                found = (self.files[filename], trace.tb_lineno)
            trace = trace.tb_next
        return found

    def load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        """The text of a template. `builtin/NAME` is carectl's own; NAME alone is the practice's if it has one."""
        self.step()
        builtin = resources.folder("templates")
        plain = name.removeprefix(BUILTIN)
        folders = [("builtin", builtin)]
        if self.own is not None and not name.startswith(BUILTIN):
            folders.insert(0, ("templates", self.own))
        for label, folder in folders:
            path = (folder / plain).resolve()
            # Neither `..` nor a link leads out of the folder.
            if not path.is_relative_to(folder.resolve()) or not path.is_file():
                continue
            self.files[str(path)] = f"{label}/{plain}"
            if path.stat().st_size > MAX_TEMPLATE:
                raise LimitError(f"is larger than {MAX_TEMPLATE // 1024} KiB")
            return path.read_text(encoding="utf-8"), str(path), lambda: True
        return None

    @cached_property
    def environment(self) -> Environment:
        """The sandbox. Jinja is imported here, so that only documents pay for it."""
        from jinja2 import FunctionLoader, StrictUndefined, nodes
        from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError
        from jinja2.runtime import BlockReference, Context, LoopContext, Macro
        from jinja2.sandbox import ImmutableSandboxedEnvironment
        from jinja2.utils import Cycler, Joiner, Namespace
        from jinja2.visitor import NodeTransformer
        from markupsafe import Markup

        press = self

        class Counted(NodeTransformer):
            """Sends every loop and every `~` through functions that count."""

            def visit_For(self, node: Any) -> Any:  # noqa: N802 -- jinja's name
                self.generic_visit(node)
                if node.recursive:
                    raise TemplateSyntaxError("recursive loops are not for documents", node.lineno)
                node.iter = self.through("counted", [node.iter], node.lineno)
                return node

            def visit_Concat(self, node: Any) -> nodes.Node:  # noqa: N802 -- jinja's name
                self.generic_visit(node)
                return self.through("joined", list(node.nodes), node.lineno)

            def through(self, name: str, args: list[nodes.Expr], line: int) -> nodes.Expr:
                function = nodes.EnvironmentAttribute(name, lineno=line)
                return nodes.Call(function, args, [], None, None, lineno=line)

        class Sandbox(ImmutableSandboxedEnvironment):
            """Jinja's sandbox, with fewer tools and a meter on each."""

            intercepted_binops = frozenset({"+", "*", "**", "%"})

            def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
                tree = super()._parse(source, name, filename)
                try:
                    Counted().visit(tree)
                except TemplateSyntaxError as error:
                    raise TemplateSyntaxError(error.message or "", error.lineno, name, filename) from None
                tree.set_environment(self)
                return tree

            def finalize_value(self, value: object) -> Markup:
                """What is printed: made harmless unless it is the template's own output."""
                if value is None:
                    raise TemplateRuntimeError("prints a value that is not stated; ask {% if … %} first")
                if isinstance(value, Markup):
                    return value
                return Markup(press.sink(number(value)))

            def bounded(self, value: Any) -> Any:
                """A value that is not too large."""
                if isinstance(value, (str, list, tuple)) and len(value) > MAX_TEXT:
                    raise LimitError("makes a text or list that is too long")
                if isinstance(value, (int, float)) and abs(value) > MAX_NUMBER:
                    raise LimitError("makes a number that is too large")
                return value

            def concat(self, parts: Iterable[str]) -> str:
                """What macros and {% set %} blocks make of their pieces."""
                return str(self.bounded("".join(parts)))

            def counted(self, items: Iterable[object]) -> list[object]:
                """The rounds of a loop."""
                found = list(items)
                press.step(len(found) + 1)
                return found

            def joined(self, *parts: object) -> str:
                """What `~` makes."""
                press.step()
                if any(isinstance(part, Markup) for part in parts):
                    return Markup(self.bounded("".join(map(self.finalize_value, parts))))
                return str(self.bounded("".join(map(str, parts))))

            def spread(self, *bounds: int) -> range:
                """range(), but short."""
                found = range(*bounds)
                if len(found) > MAX_RANGE:
                    raise LimitError(f"counts further than {MAX_RANGE}")
                return found

            def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
                press.step()
                texts = isinstance(left, str) or isinstance(right, str)
                if operator == "+" and texts:
                    return self.joined(left, right)
                if operator in ("+", "%") and not texts:
                    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
                        self.bounded(range(len(left) + len(right)))
                    return self.bounded(super().call_binop(context, operator, left, right))
                if operator == "*" and all(isinstance(side, (int, float)) for side in (left, right)):
                    return self.bounded(super().call_binop(context, operator, left, right))
                raise SecurityError(f"{operator} is not for this in a document")

            def is_safe_callable(self, obj: Any) -> bool:
                """Macros, blocks, the functions below, and a few methods. Nothing else is called."""
                if not super().is_safe_callable(obj):
                    return False
                if isinstance(obj, (Macro, BlockReference, Joiner)):
                    return True
                if any(obj == function for function in functions):
                    return True
                owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
                return any(isinstance(owner, kind) and name in names for kind, names in methods)

            def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
                press.step()
                # Jinja's own message would quote the value.
                if not self.is_safe_callable(obj):
                    raise SecurityError("calls something that templates may not call")
                return self.bounded(context.call(obj, *args, **kwargs))

        environment = Sandbox(
            loader=FunctionLoader(self.load),
            undefined=StrictUndefined,
            # On for Markdown too: it marks what macros made, so that only data is escaped, and once.
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        environment.finalize = environment.finalize_value

        def listed(items: Iterable[object], between: str = ", ") -> str:
            parts = list(items)
            press.step(len(parts))
            mixed: Iterator[object] = (x for i, part in enumerate(parts) for x in ((between, part) if i else (part,)))
            return environment.joined(*mixed)

        words = self.words
        methods = (
            (str, _STR_METHODS),
            (dict, frozenset({"items", "keys", "values", "get"})),
            (dt.date, frozenset({"isoformat", "weekday"})),
            (LoopContext, frozenset({"cycle", "changed"})),
            (Cycler, frozenset({"next", "reset"})),
        )
        globals_: dict[str, Any] = {
            "say": words.say,
            "term": words.term,
            "range": environment.spread,
            "dict": dict,
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
            "language": words.language,
        }
        functions = [value for value in globals_.values() if callable(value)]
        functions += [environment.counted, environment.joined]

        def metered(function: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(function)
            def filtered(*args: Any, **kwargs: Any) -> Any:
                press.step()
                return environment.bounded(function(*args, **kwargs))

            return filtered

        filters = {name: metered(function) for name, function in environment.filters.items() if name in _FILTERS}
        filters |= {
            "day": lambda value: words.day(value, self.today),
            "date": words.date,
            "time": words.time,
            "names": lambda value: words.names([str(item) for item in value]),
            "number": number,
            "lasting": lasting,
            "opening": lambda value: str(value)[:1].upper() + str(value)[1:],
            "plain": lambda value: str(value).replace("_", " "),
            "join": listed,
            "e": environment.finalize_value,
            "escape": environment.finalize_value,
        }
        environment.globals.clear()
        environment.globals.update(globals_)
        environment.filters.clear()
        environment.filters.update(filters)
        return environment
