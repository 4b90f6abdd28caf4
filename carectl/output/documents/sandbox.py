"""The sandbox: a template sees one document's data and nothing else, and cannot run or print without end.

Everything that a template prints is made harmless for its format (HTML or Markdown), and no filter or switch turns
that off. What is limited: bytes printed, steps, the length of any one text or list, the size of numbers, the depth of
calls, and the size of a template itself. A step is a round of a loop, a call, a filter or a template loaded, and more
of them where these do more. There is no wall clock: the same template stops at the same place on every machine.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import marshal
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, wraps
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from carectl import __version__, resources
from carectl.errors import Refused
from carectl.output.documents.faults import TemplateFault, template_fault
from carectl.output.documents.words import LimitError, Vocabulary, as_html, as_markdown, lasting, number, trimmed

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment

MAX_BYTES: Final = 5_000_000
"""How much a document may print."""
MAX_STEPS: Final = 100_000
"""How many steps a document may take."""
MAX_TEXT: Final = 1_000_000
"""How long a text or list may grow inside a template."""
MAX_RANGE: Final = 1_000
MAX_NUMBER: Final = 10**12
MAX_TEMPLATE: Final = 256 * 1024
"""How large a template file may be."""
_PARTS_A_STEP: Final = 20
"""So many parts of a template that is carried out are a step."""
_TEXT_A_STEP: Final = 200
"""So many characters given to a filter or function are a step."""
_LIST_A_STEP: Final = 10
"""So many entries of a list given to one are a step."""

BUILTIN: Final = "builtin/"
"""How a practice's own template names one that comes with carectl: {% extends "builtin/letter-family.md.j2" %}."""
OWN: Final = "templates"
"""The folder of a practice's own templates in its caseload."""

_FILTERS: Final = frozenset({
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int", "items", "last",
    "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select", "selectattr", "sort",
    "string", "title", "trim", "truncate", "unique", "upper", "wordcount",
})  # fmt: skip
"""The filters of Jinja that stay. Those that mark text as safe, draw lots, print internals or grow text are gone."""
_TEXT_FILTERS: Final = frozenset({"capitalize", "lower", "string", "title", "trim", "truncate", "upper", "wordcount"})
_STR_METHODS: Final = frozenset({
    "upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "startswith", "endswith", "split",
    "removeprefix", "removesuffix",
})  # fmt: skip


def own_folder(root: Path) -> Path | None:
    """The practice's own templates in a caseload, if there are any. Raises Refused if they lie outside of it."""
    folder = root / OWN
    if not folder.is_dir():
        return None
    if not folder.resolve().is_relative_to(root.resolve()):
        raise Refused(f"{OWN} leads out of the caseload: templates lie in the caseload itself")
    return folder


def exists(template: str, own: Path | None = None) -> bool:
    """Whether there is such a template."""
    return _find(template, own) is not None


def _find(name: str, own: Path | None) -> tuple[Path, str] | None:
    """The file of a template, and how it is named to people. Neither `..` nor a link leads out of the folders."""
    plain = name.removeprefix(BUILTIN)
    folders = [(BUILTIN.rstrip("/"), resources.folder("templates"))]
    if own is not None and not name.startswith(BUILTIN):
        folders.insert(0, (OWN, own))
    if "\0" in plain or "\\" in plain:
        return None
    for label, folder in folders:
        path = (folder / plain).resolve()
        if path.is_relative_to(folder.resolve()) and path.is_file():
            return path, f"{label}/{plain}"
    return None


def render(
    template: str,
    context: Mapping[str, object],
    language: str,
    today: dt.date,
    own: Path | None = None,
    cache: Path | None = None,
    met: set[str] | None = None,
) -> str:
    """A template printed with a context.

    `own` is a practice's folder of templates, looked into first. Below `cache`, the user's cache folder, templates are
    kept in the form that Python runs: none of a client's data is in that. The files that took part are added to `met`.
    Raises TemplateFault, and then nothing has been printed.
    """
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

    press = _press(_sink(template), language, own, cache)
    press.today, press.steps = today, 0
    found = _find(template, own)
    press.asked = found[1] if found else template
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
    except TemplateFault:
        raise
    except TemplateSyntaxError as error:
        path, message = press.files.get(error.filename or "", press.asked), press.told(error.message or "")
        raise TemplateFault(template_fault(path, error.lineno, message)) from None
    except TemplateNotFound as error:
        path, line = press.place(error)
        message = press.told(f"there is no template '{error.name}'")
        raise TemplateFault(template_fault(path, line, message)) from None
    except RecursionError as error:
        path, line = press.place(error)
        raise TemplateFault(template_fault(path, line, "is nested, or calls itself, too deeply")) from None
    except Exception as error:
        path, line = press.place(error)
        # What other exceptions say may quote the client's data; Jinja's and ours name types and fields.
        said = isinstance(error, (TemplateError, LimitError))
        message = press.told(str(error)) if said else ""
        message = message or f"{type(error).__name__} in an expression"
        raise TemplateFault(template_fault(path, line, message)) from None
    finally:
        if met is not None:
            met.update(press.files.values())
    return _tidy("".join(pieces))


def _tidy(text: str) -> str:
    """No blanks at the ends of lines and no two empty lines in a row: what is left out leaves no hole."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _sink(template: str) -> Callable[[str], str]:
    """How text is made harmless, by the name of the template; what is not known is taken for HTML."""
    return as_markdown if template.removesuffix(".j2").endswith((".md", ".txt")) else as_html


@lru_cache(maxsize=8)
def _press(sink: Callable[[str], str], language: str, own: Path | None, cache: Path | None) -> _Press:
    """One press for all documents of a kind: templates are compiled once. It prints one document at a time."""
    return _Press(sink, Vocabulary.read(language), own, cache)


@dataclass
class _Press:
    """A sandbox with its sink and its words, and how much the document in print has taken so far."""

    sink: Callable[[str], str]
    words: Vocabulary
    own: Path | None
    cache: Path | None
    today: dt.date = dt.date.min
    steps: int = 0
    asked: str = ""
    """The template of the document, as it is named to people."""
    files: dict[str, str] = field(default_factory=dict)
    """Where the templates that were loaded lie, and how they are named to people."""
    source: str = ""
    """What the templates that were loaded say, one after the other."""

    def step(self, count: int = 1) -> None:
        """Count work; too much of it is a fault."""
        self.steps += count
        if self.steps > MAX_STEPS:
            raise LimitError(f"takes more than {MAX_STEPS} steps: a loop or call without end?")

    def told(self, message: str) -> str:
        """What went wrong, without words that are not the template's own: they might be the client's."""
        message = re.sub(r"'(?:[\w.]*\.)?(\w+) object'", r"\1", message)
        known = self.source + "None"
        quoted = r"'([^']*)'|\"([^\"]*)\""
        return re.sub(quoted, lambda it: it[0] if (it[1] or it[2] or "") in known else "'…'", message)

    def place(self, error: BaseException) -> tuple[str, int]:
        """The template and line an error came from: the innermost that is one of ours, else the one asked for."""
        found = (self.asked, 1)
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
        found = _find(name, self.own)
        if found is None:
            return None
        path, shown = found
        self.files[str(path)] = shown
        try:
            with path.open("rb") as file:
                state = _state(os.fstat(file.fileno()))
                raw = file.read(MAX_TEMPLATE + 1)
            text = raw.decode("utf-8")
        except OSError:
            raise TemplateFault(template_fault(shown, 1, "cannot be read")) from None
        except UnicodeDecodeError as error:
            if len(raw) <= MAX_TEMPLATE:
                line = raw[: error.start].count(b"\n") + 1
                raise TemplateFault(template_fault(shown, line, "is not UTF-8 text")) from None
        if len(raw) > MAX_TEMPLATE:
            raise TemplateFault(template_fault(shown, 1, f"is larger than {MAX_TEMPLATE // 1024} KiB"))
        self.source += text
        return text, str(path), lambda: _is_still(path, state)

    @cached_property
    def environment(self) -> Environment:
        """The sandbox. Jinja is imported here, so that only documents pay for it."""
        from jinja2 import FunctionLoader, StrictUndefined, nodes, pass_eval_context
        from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError
        from jinja2.runtime import BlockReference, Context, LoopContext, Macro, Undefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment
        from jinja2.utils import Cycler, Joiner, Namespace
        from jinja2.visitor import NodeTransformer
        from markupsafe import Markup

        press = self

        class Counted(NodeTransformer):
            """Sends every loop, every body and every `~` through functions that count."""

            def visit_For(self, node: Any) -> Any:  # noqa: N802 -- jinja's name
                if node.recursive:
                    raise TemplateSyntaxError("recursive loops are not for documents", node.lineno)
                found = self.weighed(node)
                found.iter = self.through("counted", [found.iter], node.lineno)
                return found

            def visit_Concat(self, node: Any) -> nodes.Node:  # noqa: N802 -- jinja's name
                self.generic_visit(node)
                return self.through("joined", list(node.nodes), node.lineno)

            def weighed(self, node: Any) -> Any:
                """A body that counts its parts each time it is carried out."""
                self.generic_visit(node)
                parts = sum(1 for child in node.body for _ in child.find_all(nodes.Node))
                if parts and not getattr(node, "required", False):
                    line = node.body[0].lineno
                    steps = nodes.Const(1 + parts // _PARTS_A_STEP, lineno=line)
                    node.body.insert(0, nodes.ExprStmt(self.through("spend", [steps], line), lineno=line))
                return node

            visit_Template = visit_Block = visit_Macro = visit_CallBlock = weighed  # noqa: N815 -- jinja's names

            def through(self, name: str, args: list[nodes.Expr], line: int) -> nodes.Expr:
                function = nodes.EnvironmentAttribute(name, lineno=line)
                return nodes.Call(function, args, [], None, None, lineno=line)

        class Sandbox(ImmutableSandboxedEnvironment):
            """Jinja's sandbox, with fewer tools and a meter on each."""

            intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

            def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
                tree = super()._parse(source, name, filename)
                try:
                    Counted().visit(tree)
                except TemplateSyntaxError as error:
                    raise TemplateSyntaxError(error.message or "", error.lineno, name, filename) from None
                tree.set_environment(self)
                return tree

            def words_of(self, value: object) -> str:
                """A single value as text. A list, a table or a whole record is not for printing."""
                if isinstance(value, (str, int, float, dt.date, dt.time)):
                    return number(value)
                if value is None:
                    raise TemplateRuntimeError("prints a value that is not stated; ask {% if … %} first")
                if isinstance(value, Undefined):
                    return str(value)  # which raises
                raise TemplateRuntimeError(f"prints a whole {type(value).__name__}; print one of its values")

            def printed(self, value: object) -> Markup:
                """What is printed: made harmless unless it is the template's own output."""
                return value if isinstance(value, Markup) else Markup(press.sink(self.words_of(value)))

            def bounded(self, value: Any) -> Any:
                """A value that is not too large."""
                if isinstance(value, (str, list, tuple)) and len(value) > MAX_TEXT:
                    raise LimitError("makes a text or list that is too long")
                if isinstance(value, (int, float)) and abs(value) > MAX_NUMBER:
                    raise LimitError("makes a number that is too large")
                return value

            def put_together(self, parts: Iterable[str]) -> str:
                """Texts behind each other; what would be too long is not even begun."""
                known = list(parts)
                if sum(map(len, known)) > MAX_TEXT:
                    raise LimitError("makes a text or list that is too long")
                return "".join(known)

            concat = put_together

            def counted(self, items: Iterable[object]) -> list[object]:
                """The rounds of a loop."""
                found = list(items)
                press.step(len(found) + 1)
                return found

            def spend(self, steps: int) -> None:
                """Count the parts of a body."""
                press.step(steps)

            def joined(self, *parts: object) -> str:
                """What `~` makes."""
                press.step(1 + len(parts) // _PARTS_A_STEP)
                if any(isinstance(part, Markup) for part in parts):
                    return Markup(self.put_together(map(self.printed, parts)))
                return self.put_together(map(self.words_of, parts))

            def spread(self, *bounds: int) -> range:
                """range(), but short."""
                found = range(*bounds)
                if len(found) > MAX_RANGE:
                    raise LimitError(f"counts further than {MAX_RANGE}")
                return found

            def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
                press.step()
                if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
                    return self.joined(left, right)
                if operator == "+" and isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
                    press.step(_size(left, right))
                    return self.bounded(super().call_binop(context, operator, left, right))
                plain = (int, float, dt.date, dt.timedelta)
                if operator != "**" and isinstance(left, plain) and isinstance(right, plain):
                    return self.bounded(super().call_binop(context, operator, left, right))
                raise SecurityError(f"'{operator}' is not for this in a document")

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
                press.step(1 + _size(getattr(obj, "__self__", None), *args, *kwargs.values()))
                # Jinja's own message would quote the value.
                if not self.is_safe_callable(obj):
                    raise SecurityError("calls something that templates may not call")
                return self.bounded(context.call(obj, *args, **kwargs))

        environment = Sandbox(
            loader=FunctionLoader(self.load),
            bytecode_cache=_kept(self.cache / "templates") if self.cache is not None else None,
            undefined=StrictUndefined,
            # On for Markdown too: it marks what macros made, so that only data is escaped, and once.
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            # Nothing is worked out while compiling: what is kept must not depend on the language or the format.
            optimized=False,
        )
        environment.finalize = pass_eval_context(lambda _, value: environment.printed(value))

        def listed(items: Iterable[object], between: str = ", ") -> str:
            parts = list(items)
            press.step(len(parts))
            mixed: Iterator[object] = (x for i, part in enumerate(parts) for x in ((between, part) if i else (part,)))
            return environment.joined(*mixed)

        def say(key: str, **values: object) -> str:
            return words.say(key, **{name: environment.words_of(value) for name, value in values.items()})

        def total(items: Iterable[float], start: float = 0) -> float:
            found = start
            for item in items:
                if not isinstance(item, (int, float)):
                    raise SecurityError("only numbers are summed")
                found = environment.bounded(found + item)
            return found

        words = self.words
        methods = (
            (str, _STR_METHODS),
            (dict, frozenset({"items", "keys", "values", "get"})),
            (dt.date, frozenset({"isoformat", "weekday"})),
            (LoopContext, frozenset({"cycle", "changed"})),
            (Cycler, frozenset({"next", "reset"})),
        )
        globals_: dict[str, Any] = {
            "say": say,
            "term": words.term,
            "range": environment.spread,
            "dict": dict,
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
            "language": words.language,
        }
        functions = [value for value in globals_.values() if callable(value)]
        functions += [environment.counted, environment.joined, environment.spend]

        def metered(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
            """A filter that counts, takes text where it works on text, and gives no list that is yet to be made."""
            passes = hasattr(function, "jinja_pass_arg")

            @wraps(function)
            def filtered(*args: Any, **kwargs: Any) -> Any:
                press.step(1 + _size(*args[passes:], *kwargs.values()))
                if name in _TEXT_FILTERS and not isinstance(args[passes], str):
                    args = (*args[:passes], environment.words_of(args[passes]), *args[passes + 1 :])
                found = function(*args, **kwargs)
                return environment.bounded(list(found) if isinstance(found, Iterator) else found)

            return filtered

        filters = {name: function for name, function in environment.filters.items() if name in _FILTERS}
        filters |= {
            "day": lambda value: words.day(value, self.today),
            "date": words.date,
            "time": words.time,
            "names": lambda value: words.names([environment.words_of(item) for item in value]),
            "number": lambda value: environment.words_of(value),
            "lasting": lasting,
            "opening": lambda value: environment.words_of(value)[:1].upper() + environment.words_of(value)[1:],
            "plain": lambda value: environment.words_of(value).replace("_", " "),
            "sum": total,
        }
        environment.globals.clear()
        environment.globals.update(globals_)
        environment.filters.clear()
        environment.filters.update({name: metered(name, function) for name, function in filters.items()})
        environment.filters.update({"join": listed, "e": environment.printed, "escape": environment.printed})
        return environment


def _state(there: os.stat_result) -> tuple[int, ...]:
    return there.st_ino, there.st_size, there.st_mtime_ns


def _is_still(path: Path, state: tuple[int, ...]) -> bool:
    """Whether a file is as it was."""
    try:
        return _state(path.stat()) == state
    except OSError:
        return False


def _size(*values: object) -> int:
    """What it costs to look at these, in steps."""
    texts = sum(len(value) for value in values if isinstance(value, str))
    lists = sum(len(value) for value in values if isinstance(value, (list, tuple, dict)))
    return texts // _TEXT_A_STEP + lists // _LIST_A_STEP


# --- templates as Python runs them -----------------------------------------------------------------------------------


def _kept(folder: Path) -> BytecodeCache:
    """Compiled templates in a folder: one file for each template, out of date when anything about it changes.

    A file is believed only if it is whole, and if nobody but the user can have written it: it is run.
    """
    import jinja2
    from jinja2.bccache import Bucket

    versions = (__version__, jinja2.__version__, sys.version, Path(__file__).read_text(encoding="utf-8"))

    class Kept(jinja2.BytecodeCache):
        def get_cache_key(self, name: str, filename: str | None = None) -> str:
            return blake2b(f"{name}\0{filename}".encode(errors="surrogateescape"), digest_size=16).hexdigest()

        def get_source_checksum(self, source: str) -> str:
            return blake2b("\0".join((*versions, source)).encode(), digest_size=16).hexdigest()

        def load_bytecode(self, bucket: Bucket) -> None:
            with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
                with (folder / bucket.key).open("rb") as file:
                    there = os.fstat(file.fileno())
                    raw = file.read()
                if there.st_uid != os.geteuid() or there.st_mode & 0o022:
                    return
                if raw[:16] == self._seal(bucket, raw[16:]):
                    bucket.code = marshal.loads(raw[16:])

        def dump_bytecode(self, bucket: Bucket) -> None:
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                content = marshal.dumps(bucket.code)
                beside = folder / f"{bucket.key}.{os.getpid()}"
                beside.write_bytes(self._seal(bucket, content) + content)
                beside.replace(folder / bucket.key)

        def _seal(self, bucket: Bucket, content: bytes) -> bytes:
            """What shows that a file is whole, and made of this source by these versions."""
            return blake2b(content, digest_size=16, key=bucket.checksum.encode()).digest()

    return Kept()
