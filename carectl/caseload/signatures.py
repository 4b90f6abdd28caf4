"""The only module that runs ssh-keygen: signatures of approvals and commits, made and looked at.

A signature is made over exact bytes, for one purpose (a namespace: nothing signed for something else counts here).
Whose a key is, OpenSSH's list of allowed signers says, in which a person is known by their staff id. Times in that list
are taken as UTC, so that it means the same on every machine.

ssh-keygen takes a signature also if some bytes of it were changed that it does not look at. So its form is looked at
first: only what ssh-keygen itself would write is a signature.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, NamedTuple

from carectl.errors import EnvironmentProblem, Refused

NAMESPACE: Final = "carectl-approval"
"""What approvals are signed for."""
GIT: Final = "git"
"""What git signs commits for."""

Verdict = Literal["good", "unlisted", "bad", "malformed", "no_list", "not_looked"]

_BEGIN: Final = b"-----BEGIN SSH SIGNATURE-----\n"
_END: Final = b"\n-----END SSH SIGNATURE-----\n"
_WIDTH: Final = 70
_LITERAL: Final = re.compile(r"(?:key::)?((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\S+ \S+.*)")
_LINE: Final = re.compile(r'\s*([^\s"#]\S*|"[^"]*")\s')


class Signature(NamedTuple):
    """What a signature says of itself."""

    key: str
    """The fingerprint of its key, as ssh-keygen writes it."""
    namespace: str


class Key(NamedTuple):
    """A key to sign with."""

    path: Path | None
    """The file with it, or with its public part (an agent then holds the rest); None if the key stands in `line`."""
    line: str
    fingerprint: str


class Looked(NamedTuple):
    """What is known about a signature."""

    verdict: Verdict
    key: str | None


# --- the form --------------------------------------------------------------------------------------------------------


def parse(raw: bytes) -> Signature | None:
    """What a signature says; None if it is not exactly as ssh-keygen writes one, to the last byte.

    The form: OpenSSH, PROTOCOL.sshsig.
    """
    if not (raw.startswith(_BEGIN) and raw.endswith(_END)):
        return None
    try:
        blob = base64.b64decode(raw[len(_BEGIN) : -len(_END)].replace(b"\n", b""), validate=True)
    except (binascii.Error, ValueError):
        return None
    if _armour(blob) != raw or blob[:10] != b"SSHSIG\0\0\0\1":
        return None
    parts, rest = [], blob[10:]
    while rest:
        if len(rest) < 4:
            return None
        (size,) = struct.unpack(">I", rest[:4])
        if len(rest) < 4 + size:
            return None
        parts.append(rest[4 : 4 + size])
        rest = rest[4 + size :]
    # Key, namespace, something reserved that is empty, hash, signature.
    if len(parts) != 5 or parts[2] or parts[3] not in (b"sha256", b"sha512"):
        return None
    return Signature(_fingerprint(parts[0]), parts[1].decode("utf-8", "replace"))


def _armour(blob: bytes) -> bytes:
    text = base64.b64encode(blob)
    return _BEGIN + b"\n".join(text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)) + _END


def _fingerprint(key: bytes) -> str:
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


# --- signing ---------------------------------------------------------------------------------------------------------


def key_of(named: str, root: Path, environment: Mapping[str, str]) -> Key:
    """The key that is meant by a file's name, or by the line of a public key as git's settings take it.

    Raises EnvironmentProblem if there is none.
    """
    literal = _LITERAL.fullmatch(named.strip())
    if literal:
        with _holding(literal[1].encode() + b"\n") as path:
            return Key(None, literal[1], _listed(path, environment))
    path = root / Path(named).expanduser()
    if not path.is_file():
        raise EnvironmentProblem("the key to sign with is not there\nhint: git config user.signingkey, or --key FILE")
    return Key(path, "", _listed(path, environment))


def _listed(path: Path, environment: Mapping[str, str]) -> str:
    done = _run(["-l", "-E", "sha256", "-f", str(path)], environment)
    match = re.match(rb"[0-9]+ (SHA256:\S+) ", done.stdout)
    if done.returncode != 0 or match is None:
        raise EnvironmentProblem("the key to sign with cannot be read: it is no SSH key\nhint: docs/sign-off.md")
    return match[1].decode()


def sign(data: bytes, key: Key, environment: Mapping[str, str], *, ask: bool) -> bytes:
    """A signature of some bytes. A passphrase is asked for on the terminal, if `ask`.

    Raises Refused with what ssh-keygen says if it cannot be made.
    """
    with _holding(key.line.encode() + b"\n") as line:
        arguments = ["-Y", "sign", "-n", NAMESPACE, "-f", str(key.path or line)]
        done = _run(arguments, environment, given=data, ask=ask)
    if done.returncode != 0 or parse(done.stdout) is None:
        said = re.sub(r"[^\x20-\x7e]", " ", done.stderr.decode("utf-8", "replace")).strip()[-200:]
        raise Refused(
            f"nothing was written: the key could not sign ({said})\n"
            "hint: ssh-add loads a key that has a passphrase into the agent; --unsigned does without a signature"
        )
    return done.stdout


# --- looking ---------------------------------------------------------------------------------------------------------


def look(
    data: bytes,
    signature: bytes,
    who: str,
    at: dt.datetime,
    signers: Path | None,
    environment: Mapping[str, str],
    *,
    namespace: str = NAMESPACE,
    revoked: Path | None = None,
) -> Looked:
    """Whether a signature is of these bytes, made with a key that the list of signers has for a person at a time."""
    parsed = parse(signature)
    if parsed is None or parsed.namespace != namespace:
        return Looked("malformed", parsed.key if parsed else None)
    with _holding(signature) as path:
        try:
            if signers is not None:
                moment = at.astimezone(dt.UTC).strftime("%Y%m%d%H%M%S")
                listed = ["-Y", "verify", "-n", namespace, "-I", who, "-f", str(signers), "-s", str(path)]
                listed += ["-O", f"verify-time={moment}", *(["-r", str(revoked)] if revoked else [])]
                if _run(listed, environment, given=data).returncode == 0:
                    return Looked("good", parsed.key)
            alone = _run(["-Y", "check-novalidate", "-n", namespace, "-s", str(path)], environment, given=data)
        except EnvironmentProblem:
            return Looked("not_looked", parsed.key)
    if alone.returncode != 0:
        return Looked("bad", parsed.key)
    return Looked("no_list" if signers is None else "unlisted", parsed.key)


def of_commit(raw: bytes) -> tuple[bytes, bytes] | None:
    """The SSH signature that a commit carries, and the bytes that it is of; None if it carries none.

    The form: git, Documentation/gitformat-signature.
    """
    head, blank, message = raw.partition(b"\n\n")
    kept, signature, inside = [], [], False
    for line in head.split(b"\n"):
        inside = line.startswith((b"gpgsig ", b"gpgsig-sha256 ")) or (inside and line.startswith(b" "))
        if inside:
            signature.append(line[1:] if line.startswith(b" ") else line.partition(b" ")[2])
        else:
            kept.append(line)
    text = b"\n".join(signature)
    if not text.startswith(_BEGIN.rstrip()):
        return None
    return text.rstrip(b"\n") + b"\n", b"\n".join(kept) + blank + message


def names_beside(signers: Path, who: str) -> list[str]:
    """The other names, such as e-mail addresses, that the list of signers gives the person known by a staff id."""
    try:
        lines = signers.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    found: dict[str, None] = {}
    for line in lines:
        match = _LINE.match(line)
        names = match[1].strip('"').split(",") if match else []
        if who in names:
            found |= dict.fromkeys(name for name in names if name != who)
    return list(found)


# --- running it ------------------------------------------------------------------------------------------------------


@contextmanager
def _holding(content: bytes) -> Iterator[Path]:
    """A file of one's own with some bytes, as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="carectl-") as folder:
        path = Path(folder) / "it"
        path.write_bytes(content)
        path.chmod(0o600)
        yield path


def _run(
    arguments: Sequence[str], environment: Mapping[str, str], *, given: bytes = b"", ask: bool = False
) -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen. It never asks, unless told that somebody is there to answer."""
    try:
        return subprocess.run(
            ["ssh-keygen", *arguments],
            env={**environment, "LC_ALL": "C", "TZ": "UTC"} | ({} if ask else {"SSH_ASKPASS_REQUIRE": "never"}),
            input=given,
            capture_output=True,
            check=False,
            start_new_session=not ask,
        )
    except OSError:
        raise EnvironmentProblem(
            "ssh-keygen is not installed, or not found\nhint: it comes with OpenSSH (openssh-client on Debian)"
        ) from None
