"""Where records may be pushed to: a list of the user's own, outside of every repository. All else is refused.

An address is compared as the place that it leads to, so that the same place written in another way is the same; where
that is not certain it is another place, and is refused. What may be a secret is no part of a place, and is printed and
kept nowhere: the user and password of an https address.

Git decodes an ssh or file address as a whole before it looks for the host, takes what is in brackets behind an @ for
the host wherever that stands, and gives ssh all that is before the path (connect.c). So before the path nothing may
be escaped, ssh is given no password, and no path has brackets in that place.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from carectl.caseload import files, git
from carectl.errors import EnvironmentProblem, UsageError

_SCHEMES: Final = {"https": ("https", 443), "ssh": ("ssh", 22), "git+ssh": ("ssh", 22), "ssh+git": ("ssh", 22)}
"""What git knows of that nobody on the way can read: its name here, and the port that need not be said."""
_CLEAR: Final = ("http", "git", "ftp")
_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_HELPER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*::")
_AUTHORITY: Final = re.compile(
    r"(?:(?P<user>[^/@:]*)(?P<password>:[^/@]*)?@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/@:\[\]]+)(?::(?P<port>[0-9]{0,5}))?"
)
_SCP: Final = re.compile(
    r"(?:(?P<user>[^/@:\[\]]*)@)?(?:\[(?P<inner>[^/\[\]]+)\]|(?P<host>[^/@:\[\]]+)):(?P<path>.*)", re.DOTALL
)
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BRACKETS: Final = "the address has brackets in its path, which git takes for a host"
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


class Unclear(UsageError):
    """An address of which nobody can tell where it leads. The words hold nothing of it."""


def place(address: str, base: Path) -> str:
    """The place that an address of git's leads to, written in one way only. Relative paths begin at `base`.

    Raises Unclear for what leads to nobody knows where, or there in clear text.
    """
    if not address or address != address.strip() or _UNSEEN.search(address):
        raise Unclear("the address is empty, or holds blanks or signs that cannot be seen")
    if _HELPER.match(address):
        raise Unclear("the address names a program that would do the pushing")
    if match := _URL.fullmatch(address):
        return _url(match["scheme"], match["rest"], base)
    head = address.partition("/")[0]
    if ":" in head:
        return _scp(address)
    return _folder(address, base)


def _url(scheme: str, rest: str, base: Path) -> str:
    if scheme == "file":
        path = _decoded(rest)
        if not path.startswith("/"):
            raise Unclear("a file address names a folder from the root on: file:///…")
        return _folder(path, base)
    if scheme in _CLEAR:
        raise Unclear(f"{scheme}:// sends records so that anybody on the way can read them: use https or ssh")
    if scheme not in _SCHEMES:
        raise Unclear("carectl knows https, ssh and folders, and not what this address begins with")
    name, usual = _SCHEMES[scheme]
    authority, slash, path = rest.partition("/")
    match = _AUTHORITY.fullmatch(authority)
    if match is None or not slash or any(sign in authority for sign in "?#\\"):
        raise Unclear("the address has no host and path that can be told apart")
    port = int(match["port"] or usual)
    if name == "ssh":
        if match["password"] is not None:
            raise Unclear("the address has a password, which ssh knows nothing of: write ssh://user@host/path")
        return _network(name, match["user"], _host(match["host"]), port, usual, _decoded(path))
    if "?" in path or "#" in path:
        raise Unclear("the address goes on behind ? or #")
    return _network(name, None, _host(match["host"]), port, usual, _unreserved(path))


def _scp(address: str) -> str:
    """user@host:path: a path without a slash in front begins in the user's folder, as in ssh://user@host/~/path."""
    match = _SCP.fullmatch(address)
    if match is None:
        raise Unclear("the address has no host and path that can be told apart")
    host, port = match["host"] or "", 22
    if match["inner"]:
        # [host:port]:path, or the address of a host that is all colons.
        inner = re.fullmatch(r"([^@:]+):([0-9]{1,5})", match["inner"])
        host, port = (inner[1], int(inner[2])) if inner else (f"[{match['inner']}]", 22)
    path = match["path"]
    path = path[1:] if path.startswith("/") else path if path.startswith("~") else f"~/{path}"
    return _network("ssh", match["user"], _host(host), port, 22, path)


def _network(scheme: str, user: str | None, host: str, port: int, usual: int, path: str) -> str:
    path = path.rstrip("/").removesuffix(".git").rstrip("/")
    parts = path.split("/")
    if not path or path == "~" or any(part in ("", ".", "..") for part in parts):
        raise Unclear("the address has a path that leads back, or nowhere")
    if _UNSEEN.search(path) or "\\" in path:
        raise Unclear("the address holds signs that cannot be seen, or backslashes")
    if scheme == "ssh" and "~" in path[1:]:
        # From `host:x~y/z` git makes ~y/z, somebody else's folder.
        raise Unclear("the address has a ~ within its path")
    if scheme == "ssh" and "@[" in path:
        raise Unclear(_BRACKETS)
    if user is not None and not re.fullmatch(r"[A-Za-z0-9._-]+", user):
        raise Unclear("the address has a user with unusual signs in it")
    if not 0 < port < 65536:
        raise Unclear("the address has a port that there is none of")
    who = f"{user}@" if user else ""
    return f"{scheme}://{who}{host}{f':{port}' if port != usual else ''}/{path}"


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(text[1:-1]).compressed}]"
        except ValueError:
            raise Unclear("the address has a host that there is none of") from None
    host = text.lower()
    if not _HOST.fullmatch(host):
        raise Unclear("the address has a host with unusual signs in it")
    return host


def _decoded(text: str) -> str:
    try:
        return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        raise Unclear("the address has signs that are no text") from None


def _unreserved(path: str) -> str:
    """A path in which nothing stands escaped that means the same without (RFC 3986, 6.2.2)."""

    def plain(found: re.Match[str]) -> str:
        sign = chr(int(found[1], 16))
        return sign if re.fullmatch(r"[A-Za-z0-9._~-]", sign) else found[0].upper()

    return _ESCAPE.sub(plain, path)


def _folder(text: str, base: Path) -> str:
    """A folder of this machine, links followed, as git finds it: with .git or without."""
    if "@[" in text or text.startswith("["):
        raise Unclear(_BRACKETS)
    path = base / text
    for there in (path / ".git", path, Path(f"{path}.git")):
        if there.is_dir():
            path = there
            break
    real = os.path.realpath(path)
    if _UNSEEN.search(real):
        raise Unclear("the folder has signs in its name that cannot be seen")
    return f"file://{real}"


# --- the list --------------------------------------------------------------------------------------------------------

_ABOUT: Final = """\
# Where records may be pushed to from this machine: one place a line, and nowhere else.
# carectl git allow URL adds one, carectl git allow --remove URL takes it away.
"""


def list_file(environment: Mapping[str, str]) -> Path:
    """The file of the list, in the user's configuration. Raises EnvironmentProblem if there is no home for it."""
    base = environment.get("XDG_CONFIG_HOME", "")
    if base.startswith("/"):
        return Path(base) / "carectl" / "remotes"
    home = environment.get("HOME", "")
    if not home.startswith("/"):
        raise EnvironmentProblem("there is no home folder for your list of remotes: HOME is not set")
    return Path(home) / ".config" / "carectl" / "remotes"


def allowed(environment: Mapping[str, str]) -> list[str]:
    """The places on the list, sorted. Raises EnvironmentProblem if it cannot be read: then nothing is allowed."""
    path = list_file(environment)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError):
        raise EnvironmentProblem(f"your list of remotes cannot be read: {path}") from None
    return sorted({line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")})


def write_list(places: Iterable[str], environment: Mapping[str, str]) -> Path:
    """Write the list anew, for the user's eyes alone; the file. Raises EnvironmentProblem."""
    path = list_file(environment)
    with files.problems(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=files.FOLDER_MODE)
    files.write(path, (_ABOUT + "".join(f"{name}\n" for name in sorted(set(places)))).encode())
    return path


def addresses(root: Path, name: str, environment: Mapping[str, str]) -> list[str]:
    """Where git would push to for a remote of this name, after `insteadOf`; empty if there is none of the name."""
    said = git.settled(["remote", "get-url", "--push", "--all", "--", name], root, environment=environment)
    return [line for line in (said or b"").decode("utf-8", "surrogateescape").split("\n") if line]


def rewritten(root: Path, address: str, environment: Mapping[str, str]) -> str:
    """An address after `insteadOf`."""
    said = git.settled(["ls-remote", "--get-url", "--", address], root, environment=environment)
    return address if said is None else said.decode("utf-8", "surrogateescape").removesuffix("\n")


def names(root: Path, environment: Mapping[str, str]) -> list[str]:
    """The names of the clone's remotes."""
    said = git.settled(["remote"], root, environment=environment)
    return sorted((said or b"").decode("utf-8", "surrogateescape").splitlines())
