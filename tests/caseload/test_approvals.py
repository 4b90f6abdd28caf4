"""The files of approvals: what they cover, their text, and what is a signature."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers_signoff import FILES, make_key

from carectl.caseload import approvals, signatures
from carectl.caseload.load import Loader
from carectl.caseload.records import Approval, Covered
from carectl.caseload.trees import FolderTree
from carectl.resources import folder


def lay_out(root: Path, **changes: str) -> FolderTree:
    """The small caseload, with other text in some files of its client."""
    for name, text in {**FILES, **{f"clients/c-001/{kind}.yaml": text for kind, text in changes.items()}}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return FolderTree(root)


def covered(root: Path, **changes: str) -> Covered:
    """What an approval would cover."""
    return approvals.covered(lay_out(root, **changes), "c-001")


PLAN = FILES["clients/c-001/care-plan.yaml"]
MEDICINES = FILES["clients/c-001/medications.yaml"]
CLIENT = FILES["clients/c-001/client.yaml"]


@pytest.mark.parametrize(
    "plan",
    [
        PLAN.replace("   # agreed on at the table", ""),
        PLAN + "agreed: [{by: client, date: 2026-08-05}]\n",
        PLAN.replace("status: active}]\n    int", "status: active, achievement: improving}]\n    int"),
        PLAN.replace(
            "status: active}]\n    int", "status: active, progress: [{date: 2026-11-01, value: 1}]}]\n    int"
        ),
        PLAN.replace("period: {from: 2026-08-05}", "period:\n  from: 2026-08-05\n  until: null"),
    ],
)
def test_what_is_not_covered_of_a_plan(plan: str, tmp_path: Path) -> None:
    assert plan != PLAN
    before, after = covered(tmp_path / "a"), covered(tmp_path / "b", **{"care-plan": plan})
    assert after.content == before.content
    assert after.files["care-plan.yaml"] != before.files["care-plan.yaml"]


@pytest.mark.parametrize(
    ("kind", "text", "part"),
    [
        ("care-plan", PLAN.replace("target: 0", "target: 1"), "care-plan"),
        ("care-plan", PLAN.replace("2026-08-05", "2026-08-06"), "care-plan"),
        ("care-plan", PLAN.replace("who: jo-park", "who: dana"), "care-plan"),
        ("care-plan", PLAN + "x-mine: 1\n", "care-plan"),
        ("medications", MEDICINES.replace("08:00", "09:00", 1), "medications"),
        ("medications", "medications: none\n", "medications"),
        ("medications", MEDICINES.partition("\n  - {id: apix")[0] + "\n", "medications"),
        ("client", CLIENT.replace("hives", "rash"), "allergies"),
        ("client", CLIENT.replace("[{substance: Penicillin, reaction: hives}]", "none_known"), "allergies"),
    ],
)
def test_what_is(kind: str, text: str, part: str, tmp_path: Path) -> None:
    before, after = covered(tmp_path / "a"), covered(tmp_path / "b", **{kind: text})
    assert {name for name in before.content if before.content[name] != after.content.get(name)} == {part}


def test_order_and_pieces_do_not_matter(tmp_path: Path) -> None:
    before = covered(tmp_path / "a")
    first, second = MEDICINES.splitlines(keepends=True)[1:]
    tree = lay_out(tmp_path / "b", medications="")
    (tmp_path / "b/clients/c-001/medications.yaml").unlink()
    folder = tmp_path / "b/clients/c-001/medications"
    folder.mkdir()
    for name, line in (("a", second), ("b", first)):
        (folder / f"{name}.yaml").write_text(f"medications:\n{line}", encoding="utf-8")
    after = approvals.covered(tree, "c-001")
    assert after.content == before.content
    assert {name for name in after.files if name.startswith("medications")} == {
        "medications/a.yaml",
        "medications/b.yaml",
    }


@pytest.mark.parametrize("kind", ["care-plan", "medications"])
def test_what_cannot_be_read_has_no_digest(kind: str, tmp_path: Path) -> None:
    part = kind
    assert part not in covered(tmp_path / "a", **{kind: "nothing: [\n"}).content
    assert part not in covered(tmp_path / "b", **{kind: (PLAN if kind == "care-plan" else MEDICINES) + "\tx"}).content


def test_an_id_that_stands_twice_has_no_digest(tmp_path: Path) -> None:
    assert "medications" not in covered(tmp_path, medications=MEDICINES.replace("apixaban", "furosemide")).content


def test_nothing_on_file_is_a_content_too(tmp_path: Path) -> None:
    found = approvals.covered(lay_out(tmp_path), "c-002")
    assert found.content.keys() == {"care-plan", "medications", "allergies"}
    assert found.files.keys() == {"client.yaml"}


RECORD = Approval(
    client="c-001", number=1, by="dana", name='Dana "D" O\'Żak: nurse', role="registered_nurse", meaning="approved",
    at="2026-11-22T12:00:00-06:00", files={"care-plan/01.yaml": "sha256:" + "0" * 64}, commit="1234567890" * 4,
    content={"care-plan": "sha256:" + "1" * 64}, acknowledged=("123456789012", "0a1b2c3d4e5f", "00000000000e"),
    reason="yes: 10:30 # no", key="SHA256:" + "a" * 43,
)  # fmt: skip


def test_the_text_reads_back_as_it_was(tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    path = tmp_path / approvals.path_of("c-001", 1)
    path.parent.mkdir()
    path.write_bytes(approvals.text(RECORD))
    loader = Loader(tree)
    (file,) = loader.chart("c-001").approvals
    assert loader.met.findings == []
    assert file.record is not None
    assert {name: getattr(file.record, name) for name in RECORD.__struct_fields__ if name != "origin"} == {
        name: getattr(RECORD, name) for name in RECORD.__struct_fields__ if name != "origin"
    }
    assert (file.number, file.digest, file.has_signature) == (1, approvals.digest(path.read_bytes()), False)


def test_a_faulty_one_is_told_with_its_line(tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    path = tmp_path / approvals.path_of("c-001", 1)
    path.parent.mkdir()
    path.write_bytes(approvals.text(RECORD).replace(b"meaning: approved", b"meaning: aproved") + b"more: 1\n")
    loader = Loader(tree)
    chart = loader.chart("c-001")
    assert {finding.code for finding in loader.met.findings} == {"schema-choice", "schema-unknown-key"}
    assert "approvals" in chart.unread
    assert chart.approvals[0].record is None


def test_a_second_implementation_of_schemas_agrees(tmp_path: Path) -> None:
    codes = Path(__file__).parents[1] / "codes"
    fine = [tmp_path / "record.yaml", *sorted(codes.glob("approval-*/*/clients/*/approvals/*.yaml"))]
    fine[0].write_bytes(approvals.text(RECORD))
    faulty = tmp_path / "faulty.yaml"
    faulty.write_bytes(approvals.text(RECORD).replace(b"meaning: approved", b"meaning: aproved"))
    schema = folder("schemas") / "approval.schema.json"
    words = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema)]
    assert len(fine) > 10
    for paths, code in ((fine, 0), ([faulty], 1)):
        assert subprocess.run([*words, *map(str, paths)], capture_output=True, check=False).returncode == code


@pytest.mark.parametrize(
    ("name", "number"),
    [("0001.yaml", 1), ("0012.yaml", 12), ("12345.yaml", 12345), ("1.yaml", None), ("00001.yaml", None),
     ("0001.yml", None), ("0001.yaml.sig", None), ("x.yaml", None)],
)  # fmt: skip
def test_names(name: str, number: int | None) -> None:
    assert approvals.number_of(name) == number
    if number is not None:
        assert approvals.path_of("c-1", number).endswith(f"/{name}")


# --- signatures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_signature_is_made_and_read(kind: str, tmp_path: Path) -> None:
    make_key(tmp_path, "key", kind)
    key = signatures.key_of("key", tmp_path, os.environ)
    raw = signatures.sign(b"text", key, os.environ, ask=False)
    assert signatures.parse(raw) == (key.fingerprint, "carectl-approval")
    public = (tmp_path / "key.pub").read_text(encoding="utf-8")
    assert signatures.key_of(public, tmp_path, os.environ).fingerprint == key.fingerprint
    assert signatures.key_of(f"key::{public}", tmp_path, os.environ).fingerprint == key.fingerprint


def test_what_is_no_signature(tmp_path: Path) -> None:
    make_key(tmp_path, "key")
    raw = signatures.sign(b"text", signatures.key_of("key", tmp_path, os.environ), os.environ, ask=False)
    assert signatures.parse(raw) is not None
    others = [raw.replace(b"\n", b"\r\n"), raw.replace(b"SSH", b"PGP"), raw.replace(b"U1NIU0lH", b"U1NIU0lI")]
    for other in (b"", b"x", raw + b"\n", b" " + raw, raw[:-1], *others):
        assert signatures.parse(other) is None
    head, *lines, tail, _ = raw.split(b"\n")
    whole = b"".join(lines)
    blob = base64.b64decode(whole)
    # Written in other lines it is the same to ssh-keygen.
    narrow = [whole[at : at + 64] for at in range(0, len(whole), 64)]
    assert signatures.parse(b"\n".join([head, *narrow, tail, b""])) is None
    for forged in (blob + b"\0", blob[:-1], blob + b"\0\0\0\0", blob[:9] + b"\2" + blob[10:]):
        text = base64.b64encode(forged)
        parts = [text[at : at + 70] for at in range(0, len(text), 70)]
        assert signatures.parse(b"\n".join([head, *parts, tail, b""])) is None


def test_the_signature_of_a_commit_and_what_it_is_of() -> None:
    raw = (
        b"tree 1\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\ngpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n"
        b" -----END SSH SIGNATURE-----\nencoding x\n\nsubject\n\ngpgsig in the text\n"
    )
    found = signatures.of_commit(raw)
    assert found is not None
    assert found[0] == b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"
    assert found[1] == (
        b"tree 1\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\nencoding x\n\nsubject\n\ngpgsig in the text\n"
    )
    assert signatures.of_commit(raw.replace(b"SSH", b"PGP")) is None
    assert signatures.of_commit(found[1]) is None


def test_names_beside_a_staff_id(tmp_path: Path) -> None:
    path = tmp_path / "signers"
    path.write_text(
        "# dana,no@x ssh-ed25519 A\n"
        'dana,dana@x namespaces="git" ssh-ed25519 A\n"jo,jo@x" ssh-ed25519 B\n dana,d2@x ssh-ed25519 C\n\n',
        encoding="utf-8",
    )
    assert signatures.names_beside(path, "dana") == ["dana@x", "d2@x"]
    assert signatures.names_beside(path, "jo") == ["jo@x"]
    assert signatures.names_beside(path, "dan") == []
    assert signatures.names_beside(tmp_path / "gone", "dana") == []
