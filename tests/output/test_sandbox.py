"""Templates are not trusted: what they try to reach, to print and to use up, and that each try is stopped.

Every try is one template with a name. It is stopped with a TemplateFault that names the template and the line, and says
nothing of the client. No test looks at the clock: a try that is not stopped runs into the limits of this process.
"""

from __future__ import annotations

import datetime as dt
import re
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from helpers_documents import BEA, ada, ada_setting, day

from carectl.care.letters import FamilyLetter, Letter, family_letter
from carectl.errors import Refused
from carectl.output.documents import TemplateFault, own_folder, render
from carectl.output.documents.sandbox import MAX_BYTES, MAX_TEMPLATE, MAX_TEXT

MIB: Final = 2**20
SECRET: Final = "nobody may read this"


def letter() -> Letter:
    found = family_letter(ada(), BEA, ada_setting())
    assert isinstance(found, FamilyLetter)
    return found.letter


def printed(source: str, folder: Path, name: str = "x.md.j2", **context: object) -> str:
    """What a template prints."""
    (folder / name).write_text(source, encoding="utf-8")
    return render(name, context, "en", day("2026-11-22"), folder)


@pytest.fixture
def little() -> Iterator[None]:
    """A process that may take no more than another gigabyte, and half a minute of work."""
    kept = {kind: resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)}
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    spent = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime + resource.getrusage(resource.RUSAGE_SELF).ru_stime)
    resource.setrlimit(resource.RLIMIT_AS, (used + 1024 * MIB, kept[resource.RLIMIT_AS][1]))
    resource.setrlimit(resource.RLIMIT_CPU, (spent + 30, kept[resource.RLIMIT_CPU][1]))
    yield
    for kind, limit in kept.items():
        resource.setrlimit(kind, limit)


# --- reaching for what a template may not touch ----------------------------------------------------------------------

ESCAPES: Final = {
    "class of a text": "{{ ''.__class__ }}",
    "class of the letter": "{{ letter.__class__.__mro__ }}",
    "class by subscript": "{{ letter['__class__'] }}",
    "class by a joined name": "{{ letter['__cla' ~ 'ss__'] }}",
    "class by the attr filter": "{{ letter|attr('__class__') }}",
    "class by map": "{{ letter|map(attribute='__class__')|list }}",
    "class by map over a list": "{{ [letter]|map(attribute='__class__')|first }}",
    "class by map of attr": "{{ [letter]|map('attr', '__class__')|first }}",
    "class by sort": "{{ [letter]|sort(attribute='__class__')|first|string }}",
    "class by groupby": "{{ [letter, letter]|groupby('__class__')|first }}",
    "class by selectattr": "{% for x in [letter]|selectattr('__class__') %}{{ x.nothing }}{% endfor %}",
    "class in fullwidth letters": "{{ letter.__ｃｌａｓｓ__ }}",
    "class in escapes": "{{ letter['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "class in unicode escapes": "{{ letter['\\u005f_class__'] }}",
    "subclasses": "{{ [].__class__.__base__.__subclasses__() }}",
    "dict of the letter": "{{ letter.__dict__ }}",
    "fields of the letter": "{{ letter.__dataclass_fields__ }}",
    "slots of the letter": "{{ letter.__slots__ }}",
    "reduce": "{{ letter.date.__reduce__() }}",
    "repr of the letter": "{{ letter }}",
    "repr by string": "{{ letter|string }}",
    "repr by upper": "{{ letter|upper }}",
    "repr by joining": "{{ letter ~ '' }}",
    "repr in a list": "{{ [letter] }}",
    "repr of a function": "{{ say }}",
    "repr of a macro": "{% macro m() %}{% endmacro %}{{ m }}",
    "globals of say": "{{ say.__globals__ }}",
    "globals of a macro": "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "function of a macro": "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "environment of a macro": "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "code of a generator": "{{ (letter.news|map('string')).gi_frame }}",
    "caller": "{{ caller() }}",
    "frame of a call block": "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "self of range": "{{ range.__self__ }}",
    "init of self": "{{ self.__init__ }}",
    "context of self": "{{ self._TemplateReference__context }}",
    "super": "{{ super() }}",
    "loop outside": "{{ loop }}",
    "loop's own": "{% for x in [1] %}{{ loop._iterator }}{% endfor %}",
    "lipsum": "{{ lipsum() }}",
    "globals of lipsum": "{{ lipsum.__globals__ }}",
    "init of cycler": "{{ cycler.__init__ }}",
    "globals by cycler": "{{ cycler.__init__.__globals__.os }}",
    "globals by joiner": "{{ joiner.__init__.__globals__ }}",
    "class of namespace": "{{ namespace.__class__ }}",
    "init of namespace": "{{ namespace().__init__.__globals__ }}",
    "private of namespace": "{% set n = namespace() %}{% set n.__class__ = 1 %}{{ n.__class__ }}",
    "dict.fromkeys": "{{ dict.fromkeys([1]) }}",
    "dict.mro": "{{ dict.mro() }}",
    "config": "{{ config }}",
    "request": "{{ request }}",
    "flask": "{{ get_flashed_messages.__globals__ }}",
    "url_for": "{{ url_for.__globals__ }}",
    "the context": "{{ context }}",
    "the environment": "{{ environment }}",
    "builtins": "{{ __builtins__ }}",
    "import os": "{% import 'os' as os %}",
    "do": "{% do letter.news.append(1) %}",
    "debug": "{% debug %}",
    "format": "{{ '{0.__class__}'.format(letter) }}",
    "format_map": "{{ letter.to.format_map({}) }}",
    "format filter": "{{ '%s'|format(1) }}",
    "format operator": "{{ '%s' % letter }}",
    "format of markup": "{% set m %}{0.__class__}{% endset %}{{ m.format(letter) }}",
    "str.join": "{{ 'a'.join(['b', 'c']) }}",
    "str.replace": "{{ 'a'.replace('a', 'b') }}",
    "str.encode": "{{ 'a'.encode() }}",
    "str.maketrans": "{{ ''.maketrans('a', 'b') }}",
    "unescape of markup": "{% set m %}&lt;{% endset %}{{ m.unescape() }}",
    "class of markup": "{% set m %}x{% endset %}{{ m.escape('x') }}",
    "the safe filter": "{{ letter.to|safe }}",
    "pprint": "{{ letter|pprint }}",
    "tojson": "{{ letter|tojson }}",
    "xmlattr": "{{ {'a': 1}|xmlattr }}",
    "random": "{{ [1]|random }}",
    "the clock": "{{ letter.date.today() }}",
    "the clock by a date": "{{ letter.date.fromtimestamp(0) }}",
    "strftime": "{{ letter.date.strftime('%Y') }}",
    "replace a date": "{{ letter.date.replace(year=1) }}",
    "append to a list": "{{ [].append(1) }}",
    "update a dict": "{{ {}.update({1: 2}) }}",
    "write into the letter": "{% set letter.to = 'x' %}",
    "walk over the letter": "{% for x in letter %}{% endfor %}",
    "call the letter": "{{ letter() }}",
    "call a field": "{{ letter.to() }}",
    "a field that is not there": "{{ letter.surname }}",
    "a field of a text": "{{ letter.to.surname }}",
    "a name that is not there": "{{ nobody }}",
    "a value that is not stated": "{{ letter.medicines[0].schedule }}",
    "file above": "{% include '../secret.md.j2' %}",
    "file far above": "{% include '../../../../../../../../etc/passwd' %}",
    "file of the system": "{% include '/etc/passwd' %}",
    "file of the process": "{% include '/proc/self/environ' %}",
    "file beside the built-in": "{% include 'builtin/../pyproject.toml' %}",
    "file through the built-in": "{% include 'builtin//etc/passwd' %}",
    "file by its address": "{% include 'file:///etc/passwd' %}",
    "file with a backslash": "{% include '..\\\\secret.md.j2' %}",
    "file with an end": "{% include 'x.md.j2\\0.txt' %}",
    "file by a link": "{% include 'link.md.j2' %}",
    "file by a linked folder": "{% include 'folder/secret.md.j2' %}",
    "a folder": "{% include 'inner' %}",
    "extends a file above": "{% extends '../secret.md.j2' %}",
    "imports a file above": "{% from '../secret.md.j2' import x %}",
    "a name from the data": "{% include letter.to %}",
}


@pytest.mark.parametrize("name", ESCAPES)
def test_no_template_gets_out(name: str, tmp_path: Path) -> None:
    own = tmp_path / "templates"
    (own / "inner").mkdir(parents=True)
    (tmp_path / "secret.md.j2").write_text(SECRET, encoding="utf-8")
    (own / "link.md.j2").symlink_to(tmp_path / "secret.md.j2")
    (own / "folder").symlink_to(tmp_path)
    with pytest.raises(TemplateFault) as caught:
        printed(f"one\n{ESCAPES[name]}\n", own, letter=letter())
    assert re.match(r"templates/x\.md\.j2:[123]: .", str(caught.value))
    assert not re.search(r"0x[0-9a-f]{6}|Moreno|Traceback|<class|" + SECRET, str(caught.value))


def test_a_message_quotes_the_template_and_never_the_data(tmp_path: Path) -> None:
    for source in ("{{ letter[letter.to] }}", "{% include letter.to %}", "{{ say(letter.to) }}", "{{ {}[letter.to] }}"):
        with pytest.raises(TemplateFault) as caught:
            printed(source, tmp_path, letter=letter())
        assert "Moreno" not in str(caught.value)
        assert letter().to not in str(caught.value)


def test_a_folder_of_templates_that_leads_out_of_the_caseload(tmp_path: Path) -> None:
    root = tmp_path / "caseload"
    root.mkdir()
    assert own_folder(root) is None
    (root / "templates").symlink_to(tmp_path)
    with pytest.raises(Refused, match="leads out"):
        own_folder(root)


# --- running and growing without end ---------------------------------------------------------------------------------

_BIG: Final = "{% set t = 'a' %}" + "{% set t = t ~ t %}" * 19
"""A text of half a million characters."""
_MANY: Final = ", ".join(["t"] * 20_000)

BOMBS: Final = {
    "text times number": "{{ 'a' * 10**8 }}",
    "list times number": "{{ [1] * 10**8 }}",
    "power": "{{ 10 ** 10 ** 10 }}",
    "wide number": "{{ '%0999999999d' % 1 }}",
    "a number of many digits": "{{ " + "9" * 100_000 + " }}",
    "three loops": "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}",
    "a long range": "{% for a in range(100000000) %}{% endfor %}",
    "a recursive loop": "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
    "a macro in itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "a macro twice in itself": "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "two macros in each other": "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
    "a call block in itself": "{% macro f() %}{% call f() %}{% endcall %}{% endmacro %}{{ f() }}",
    "includes itself": "{% include 'x.md.j2' %}",
    "extends itself": "{% extends 'x.md.j2' %}",
    "imports itself": "{% import 'x.md.j2' as x %}",
    "includes in a circle": "{% include 'y.md.j2' %}",
    "a block in itself": "{% block a %}{{ self.a() }}{% endblock %}",
    "doubling by ~": "{% set n = namespace(t='aaaaaaaa') %}{% for i in range(60) %}{% set n.t = n.t ~ n.t %}{% endfor %}",
    "doubling by +": "{% set n = namespace(t='aaaaaaaa') %}{% for i in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}",
    "doubling a list": "{% set n = namespace(t=[1, 2]) %}{% for i in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}",
    "squaring": "{% set n = namespace(t=9) %}{% for i in range(60) %}{% set n.t = n.t * n.t %}{% endfor %}",
    "taking away": "{% set n = namespace(t=9) %}{% for i in range(60) %}{% set n.t = n.t - (0 - n.t) %}{% endfor %}",
    "doubling a set block": "{% set t %}aaaaaaaaaa{% endset %}" + "{% set t %}{{ t }}{{ t }}{% endset %}" * 60,
    "doubling by a macro": "{% macro f(t) %}{{ f(t ~ t) }}{% endmacro %}{{ f('aaaa') }}",
    "doubling by join": "{% set n = namespace(t='a') %}{% for i in range(60) %}{% set n.t = [n.t, n.t]|join %}{% endfor %}",
    "doubling by sum": "{% set n = namespace(t=['a']) %}{% for i in range(60) %}{% set n.t = [n.t, n.t]|sum(start=[]) %}{% endfor %}",
    "a sum of lists": "{% set t = range(1000)|list %}{{ [" + _MANY + "]|sum(start=[])|length }}",
    "100 MB from a loop": "{% for a in range(1000) %}{% for b in range(99) %}"
    + "a" * 1100
    + "{% endfor %}{% endfor %}",
    "100 MB from a text": _BIG + "{% for i in range(200) %}{{ t }}{% endfor %}",
    "100 MB in a set block": "{% set x %}{% for i in range(1000) %}{% for j in range(9) %}"
    + "a" * 200_000
    + "{% endfor %}{% endfor %}{% endset %}",
    "100 MB in a macro": "{% macro f() %}{% for i in range(900) %}"
    + "a" * 200_000
    + "{% endfor %}{% endmacro %}{% set x = f() %}",
    "100 MB by one ~": _BIG + "{% set x = " + " ~ ".join(["t"] * 900) + " %}",
    "100 MB by one join": _BIG + "{% set x = [" + _MANY + "]|join %}",
    "100 MB by printing a list": _BIG + "{{ [" + _MANY + "] }}",
    "100 MB by upper of a list": _BIG + "{{ [" + _MANY + "]|upper }}",
    "work without loops' rounds": "{% for a in range(300) %}{% for b in range(300) %}"
    + "{% set x = 1 %}" * 9_000
    + "{% endfor %}{% endfor %}",
    "work in a macro": "{% macro f() %}"
    + "{% set x = 1 %}" * 9_000
    + "{% endmacro %}{% for a in range(1000) %}{% for b in range(90) %}{{ f() }}{% endfor %}{% endfor %}",
    "work in a block": "{% block f %}"
    + "{% set x = 1 %}" * 9_000
    + "{% endblock %}{% for a in range(1000) %}{% for b in range(90) %}{{ self.f() }}{% endfor %}{% endfor %}",
    "work on a long text": _BIG
    + "{% for i in range(1000) %}{% for j in range(90) %}{% set x = t|upper %}{% endfor %}{% endfor %}",
    "sorting again and again": "{% set t = range(1000)|list %}{% set t = t + t + t + t %}{% for i in range(1000) %}{% for j in range(90) %}{% set x = t|sort %}{% endfor %}{% endfor %}",
    "words of a long text": _BIG
    + "{% for i in range(1000) %}{% for j in range(90) %}{% set x = t|wordcount %}{% endfor %}{% endfor %}",
    "splitting a long text": _BIG
    + "{% for i in range(1000) %}{% for j in range(90) %}{% set x = t.split('a') %}{% endfor %}{% endfor %}",
    "including again and again": "{% for i in range(1000) %}{% for j in range(90) %}{% include 'builtin/care-plan.css' %}{% endfor %}{% endfor %}",
    "brackets in brackets": "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "lists in lists": "{{ " + "[" * 5_000 + "]" * 5_000 + "|length }}",
    "not not not": "{{ " + "not " * 20_000 + "1 }}",
    "ifs in ifs": "{% if 1 %}" * 3_000 + "x" + "{% endif %}" * 3_000,
    "loops in loops": "{% for a in [1] %}" * 300 + "x" + "{% endfor %}" * 300,
    "filters after filters": "{{ 1" + "|string" * 20_000 + " }}",
    "a long sum": "{{ " + "+".join(["1"] * 50_000) + " }}",
    "an open comment": "{#" * 60_000,
    "an open raw": "{% raw %}" * 20_000,
    "open prints": "{{" * 100_000,
    "open quotes": "{{ '" + "\\'" * 100_000,
    "a large template": "x" * (MAX_TEMPLATE + 1),
    "a template of noughts": "\0" * (MAX_TEMPLATE + 1),
}


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize("name", BOMBS)
def test_no_template_runs_or_grows_without_end(name: str, tmp_path: Path) -> None:
    (tmp_path / "y.md.j2").write_text("{% include 'x.md.j2' %}", encoding="utf-8")
    with pytest.raises(TemplateFault) as caught:
        printed(BOMBS[name], tmp_path)
    assert re.match(r"templates/[xy]\.md\.j2:\d+: .", str(caught.value)), str(caught.value)[:200]
    assert "MemoryError" not in str(caught.value)


def test_sixty_and_more() -> None:
    assert len(ESCAPES) + len(BOMBS) >= 60


# --- what data cannot do ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x.html.j2", "x.md.j2", "x.txt.j2", "other.j2"])
@pytest.mark.parametrize(
    "source",
    [
        "{{ x }}",
        "{% autoescape false %}{{ x }}{{ x ~ '!' }}{{ [x, x]|join }}{% endautoescape %}",
        "{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ x }}{% endcall %}",
        "{% set y %}{{ x }}{% endset %}{{ y }}",
        "{% set y = x ~ '' %}{{ y }}",
        "{% filter upper %}{{ x }}{% endfilter %}",
        "{{ x|e|e }}",
        "{{ x|default('')|trim|string }}",
        "{{ [x]|first }}{{ {'a': x}.a }}{{ (x, x)|join(x) }}",
        "{{ x|title }}{{ x.upper() }}{{ x[0:9] }}",
        "{{ say('letter.greeting', to=x) }}",
        "{{ term('service', x) }}",
    ],
)
def test_data_never_becomes_markup(source: str, name: str, tmp_path: Path) -> None:
    text = printed(source, tmp_path, name, x="<b>&amp;{{ 7*7 }}{% raw %}")
    assert "<" not in text
    assert "&amp;lt;" not in text
    assert "49" not in text


# --- what is said of a fault -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("a\n{{ letter.surname }}", 2, "Letter has no attribute 'surname'"),
        ("a\n\n{% if letter %}\nb", 4, "Unexpected end of template"),
        ("a\n{{ nobody }}", 2, "'nobody' is undefined"),
        ("{% include 'missing.j2' %}", 1, "there is no template 'missing.j2'"),
        ("{{ letter.signer.name.x }}", 1, "has no attribute 'x'"),
        ("\n\n\n{{ letter.to|shout }}", 4, "No filter named 'shout'"),
        ("{{ letter.medicines[0].schedule }}", 1, "not stated"),
        ("\n{{ letter.visits }}", 2, "prints a whole tuple"),
    ],
)
def test_a_fault_names_file_line_and_what_is_missing(source: str, line: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(TemplateFault) as caught:
        printed(source, tmp_path, letter=letter())
    finding = caught.value.finding
    assert (finding.code, finding.path, finding.sort_key[1]) == ("template-fault", "templates/x.md.j2", line)
    assert words in finding.message
    assert caught.value.exit_code == 1


def test_a_fault_below_names_the_template_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "part.md.j2").write_text("\n\n{{ nobody }}", encoding="utf-8")
    with pytest.raises(TemplateFault, match=r"templates/part.md.j2:3: 'nobody' is undefined"):
        printed("{% include 'part.md.j2' %}", tmp_path)


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.md.j2").write_bytes(b"one\n\xff\xfe\n")
    with pytest.raises(TemplateFault, match=r"templates/x.md.j2:2: is not UTF-8 text"):
        render("x.md.j2", {}, "en", day("2026-11-22"), tmp_path)


def test_what_is_within_the_limits_is_printed(tmp_path: Path) -> None:
    half = "x" * (MAX_TEXT // 2)
    text = printed("{% set y = x ~ x %}{% for i in range(4) %}{{ y }}{% endfor %}", tmp_path, x=half)
    assert len(text) == 4 * MAX_TEXT + 1 < MAX_BYTES


# --- compiled templates ----------------------------------------------------------------------------------------------


def kept_in(cache: Path) -> list[Path]:
    return sorted((cache / "templates").iterdir())


def again(folder: Path, cache: Path, language: str = "en") -> str:
    """What x.md.j2 prints in a press of its own, as in another process."""
    from carectl.output.documents import sandbox

    sandbox._press.cache_clear()
    return render("x.md.j2", {"letter": letter()}, language, dt.date(2026, 11, 22), folder, cache)


def test_compiled_templates_are_kept_and_hold_nothing_of_the_client(tmp_path: Path) -> None:
    own, cache = tmp_path / "templates", tmp_path / "cache"
    own.mkdir()
    (own / "x.md.j2").write_text("{{ letter.to }}: {{ ['a', 'b']|names }}", encoding="utf-8")
    first = again(own, cache)
    (file,) = kept_in(cache)
    content = file.read_bytes()
    assert again(own, cache) == first == f"{letter().to}: a and b\n"
    assert file.read_bytes() == content
    assert letter().to.encode() not in content
    # Nothing of a language is in it either.
    assert again(own, cache, "es") == f"{letter().to}: a y b\n"
    assert file.read_bytes() == content
    assert "letter.md" not in file.name


def test_a_kept_template_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jinja2 import Environment

    own, cache = tmp_path / "templates", tmp_path / "cache"
    own.mkdir()
    (own / "x.md.j2").write_text("{{ letter.to }}", encoding="utf-8")
    first = again(own, cache)
    monkeypatch.setattr(Environment, "compile", None)
    assert again(own, cache) == first


def test_a_kept_template_is_out_of_date_when_its_text_changes(tmp_path: Path) -> None:
    own, cache = tmp_path / "templates", tmp_path / "cache"
    own.mkdir()
    for text in ("one", "two", "one"):
        (own / "x.md.j2").write_text(text, encoding="utf-8")
        assert again(own, cache) == f"{text}\n"
    assert len(kept_in(cache)) == 1


@pytest.mark.parametrize("damage", ["empty", "half", "turned", "other", "writable", "folder"])
def test_a_kept_template_that_is_damaged_is_made_anew(damage: str, tmp_path: Path) -> None:
    own, cache = tmp_path / "templates", tmp_path / "cache"
    own.mkdir()
    (own / "x.md.j2").write_text("{{ letter.to }}", encoding="utf-8")
    first = again(own, cache)
    (file,) = kept_in(cache)
    content = file.read_bytes()
    if damage == "folder":
        file.unlink()
        file.mkdir()
    elif damage == "writable":
        file.chmod(0o666)
    else:
        file.write_bytes({"empty": b"", "half": content[: len(content) // 2], "other": b"x" * 16 + content[16:],
                          "turned": content[:-1] + bytes([content[-1] ^ 1])}[damage])  # fmt: skip
    assert again(own, cache) == first
    if damage in ("empty", "half", "turned", "other"):
        assert file.read_bytes() == content


def test_without_a_cache_nothing_is_kept(tmp_path: Path) -> None:
    printed("x", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x.md.j2"]
