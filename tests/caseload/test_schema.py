"""The schemas and pages are what the records say, and say what the contract says."""

from __future__ import annotations

from pathlib import Path

import pytest

from carectl.caseload.records import FILE_KINDS
from carectl.caseload.schema import drifted, files, main, schema_of

CHECKOUT = Path(__file__).parents[2]


def test_nothing_has_drifted() -> None:
    assert drifted(CHECKOUT) == []


def test_drift_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(drifted(tmp_path)) == sorted(files())
    monkeypatch.setattr("carectl.caseload.schema.drifted", lambda _: ["schemas/client.schema.json"])
    assert main(["--check"]) == 1
    assert "schemas/client.schema.json" in capsys.readouterr().out


@pytest.mark.parametrize("kind", sorted(FILE_KINDS))
def test_every_object_is_closed_but_for_the_users_own_keys_and_every_field_is_described(kind: str) -> None:
    schema = schema_of(kind)
    for body in (schema, *schema["$defs"].values()):
        assert body["additionalProperties"] is False
        assert "^x-" in body["patternProperties"]
        for name, field in body["properties"].items():
            assert field.get("description"), f"{kind}: {name} has no description"


REQUIRED = {
    "practice": ["practice"],
    "staff": ["id", "name", "role"],
    "client": ["id", "name", "status"],
    "care-plan": ["period", "problems"],
}


@pytest.mark.parametrize("kind", sorted(REQUIRED))
def test_what_the_contract_requires_is_required(kind: str) -> None:
    assert sorted(schema_of(kind)["required"]) == sorted(REQUIRED[kind])
