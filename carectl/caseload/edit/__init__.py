"""Edits of a file as text: what is meant changes, and no other byte does.

    editor = Editor(raw, "clients/c-014/tasks.yaml")
    editor.append(("tasks",), {"id": "call-pt", "text": "Call PT about the rail", "due": "2026-11-27"})
    raw = editor.result()

Every edit is read again and compared with what was meant; one that cannot be made cleanly raises CannotEdit.
"""

from carectl.caseload.edit.editor import Editor
from carectl.caseload.edit.text import CannotEdit, Value

__all__ = ["CannotEdit", "Editor", "Value"]
