"""A cause code outside the catalog is emitted by a check, and nothing else: what it means is its row's."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import opsagent
from opsagent.analysis.catalog.catalog import builtin
from opsagent.models.evidence import UNKNOWN

PACKAGE = Path(opsagent.__file__).parent
MOST = 200
# "unknown" is a state of services and checks, too: its only use as a code is the constant UNKNOWN.
CODES = frozenset(builtin().codes) - {UNKNOWN}
PREFIXES = tuple({f"{row.family}." for row in builtin().rows} - {f"{UNKNOWN}."})


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Return every module of the package but those of the catalog, by its path."""
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if "catalog" not in path.parts]
    return tuple((str(path.relative_to(PACKAGE)), ast.parse(path.read_text("utf-8"))) for path in files)


def uses(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield each literal that is a code, and each use of a name that the module binds to one."""
    named = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value in CODES
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text) if text in CODES:
                yield node
            case ast.Name(id=name, ctx=ast.Load()) if name in named or name == "UNKNOWN":
                yield node
            case _:
                pass


def named(use: ast.expr) -> str:
    """Return the code that a use states, or the name of the constant that holds it."""
    return use.id if isinstance(use, ast.Name) else str(getattr(use, "value", ""))


def judging(tree: ast.Module) -> Iterator[int]:
    """Yield the lines where a code is compared, is in a collection or is a key, or a family is a prefix."""
    codes = {id(use) for use in uses(tree) if not (isinstance(use, ast.Name) and use.id == "UNKNOWN")}
    for node in ast.walk(tree):
        parts: list[ast.expr | None] = []
        match node:
            case ast.Compare():
                parts = [node.left, *node.comparators]
            case ast.Set():
                parts = [*node.elts]
            case ast.Dict():
                parts = [*node.keys, *node.values]
            case ast.Subscript():
                parts = [node.slice]
            case ast.Call(func=ast.Attribute(attr="startswith")):
                if any(isinstance(one, ast.Constant) and one.value in PREFIXES for one in ast.walk(node)):
                    yield node.lineno
        inner = [one for part in parts if part for one in ast.walk(part) if id(one) in codes]
        yield from (one.lineno for one in inner[:1] if isinstance(one, ast.expr))


def test_no_code_is_judged_outside_the_catalog() -> None:
    """No module but the catalog compares a code or keeps a collection of codes: it asks the code's row."""
    found = [f"{path}:{line}" for path, tree in modules() for line in judging(tree)]
    assert found == [], "ask the code's row instead: a field or a tag (catalog/records.py, catalog/tags.yaml)"


@pytest.mark.parametrize(
    "text",
    [
        'x = code == "db.locked"',
        'x = code in {"db.locked"}',
        'x = {"db.locked": 1}',
        'x = found["db.locked"]',
        'x = code.startswith("db.")',
        'LOCKED = "db.locked"\nx = code == LOCKED',
    ],
)
def test_every_way_of_judging_a_code_is_found(text: str) -> None:
    """A comparison, a collection, a key and a prefix are seen, by a constant, too; emitting a code is fine."""
    assert list(judging(ast.parse(text))) != []
    assert list(judging(ast.parse('x = scene.finding("db.locked", pod, 0.8)'))) == []


def test_codes_are_used_sparingly() -> None:
    """What remains, literal or constant, are the checks that emit one."""
    found = [(path, named(use)) for path, tree in modules() for use in uses(tree)]
    often = [(path, code, count) for (path, code), count in Counter(found).items() if count > 1 and code in CODES]
    places = "\n".join(
        f"  {count} x {code} in {path}" for path, code, count in sorted(often, key=lambda one: -one[2])[:8]
    )
    assert len(found) <= MOST, f"""{len(found)} uses of codes outside the catalog, at most {MOST}.
A check names its code once: a wording of Kubernetes belongs into catalog/messages.yaml or reasons.yaml, and a code that
one module names several times into one function there. Candidates:
{places}"""
