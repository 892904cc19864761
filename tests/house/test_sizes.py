"""Size is counted: a large module or function needs its reason written here."""

from __future__ import annotations

import ast

from tests.house.tree import BASE_DIR, list_python_files, list_tracked_files

MODULE_LINES = 400
FUNCTION_LINES = 50

# "path" or "path:function" -> why it is better whole.
REASONS: dict[str, str] = {
    "frontend/src/api/schema.d.ts": "generated from the OpenAPI document",
    "tests/dicom.py:make_data_set": "one attribute of the header a line",
    "tests/dicom.py:write_film": "a dozen arguments, each used once",
}


def _list_modules() -> list[str]:
    return [
        str(path.relative_to(BASE_DIR))
        for path in list_tracked_files()
        if path.suffix in {".py", ".ts", ".tsx"}
        and "migrations" not in path.parts
        and len(path.read_text(encoding="utf-8").splitlines()) > MODULE_LINES
    ]


def _list_functions() -> list[str]:
    found = []
    for path in list_python_files("apps", "workers", "tests", "bench"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if _count_lines(node) > FUNCTION_LINES:
                found.append(f"{path.relative_to(BASE_DIR)}:{node.name}")
    return found


def _count_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring, which is never too long."""
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_no_module_is_too_long_without_a_reason() -> None:
    assert [name for name in _list_modules() if name not in REASONS] == []


def test_no_function_is_too_long_without_a_reason() -> None:
    assert [name for name in _list_functions() if name not in REASONS] == []


def test_every_reason_is_still_needed() -> None:
    present = {*_list_modules(), *_list_functions()}
    generated = {"frontend/src/api/schema.d.ts"}
    assert set(REASONS) - present - generated == set()
