"""Every sentence that opsagent's own source can print, as templates whose placeholders are all alike: "{}"."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TypeGuard

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.compiled import loaded
from opsagent.analysis.catalog.records import Code

PACKAGE = Path(__file__).parents[3] / "opsagent"
# What separates the clauses of a sentence, and what may be around one.
_BETWEEN = re.compile(r"\{\}|[.,;:·“”\"](?: |$)|[()]")
_AROUND = " .,;:"
_MOST = 64  # ways in which one f-string can come out


def texts_of(code: Code) -> Iterator[str]:
    """Yield every text of a code that an operator reads."""
    yield from (code.meaning, code.found, code.remedy, *code.steps, *code.confirms, *code.rules_out)
    yield from (effect.why for effect in code.effects.values())
    for variant in code.variants:
        yield from (variant.meaning, *variant.steps, *(effect.why for effect in variant.effects.values()))


def summaries() -> Iterator[str]:
    """Yield the summaries of phrases and messages, also without what they blame."""
    messages = (message.summary for message in loaded().messages if message.summary)
    for summary in (*messages, *(meaning.verdict.summary for meaning in builtin().meanings)):
        yield from (summary, summary.replace(" ({what})", ""))


def alike(template: str) -> str:
    """Return a template with "{}" for each placeholder."""
    parts = Formatter().parse(template)
    return "".join(literal + ("{}" if name is not None else "") for literal, name, _, _ in parts)


def has_source(msgid: str) -> bool:
    """Return whether a message is a sentence of the source, or put together from clauses of it."""
    if alike(msgid) in sentences():
        return True
    clauses = (clause.strip(_AROUND) for clause in _BETWEEN.split(alike(msgid)))
    return all(clause in _clauses() for clause in clauses if clause)


@cache
def _clauses() -> str:
    return "\n".join(sentences())


@cache
def sentences() -> frozenset[str]:
    """Return every sentence of catalog and source."""
    catalog = {alike(text) for code in builtin().rows for text in texts_of(code)}
    printed = set(_printed())
    return frozenset(catalog | {alike(text) for text in summaries()} | printed | {_filled_later(t) for t in printed})


def _filled_later(text: str) -> str:
    """Return a constant that `format` fills in as a template; any other text as it is."""
    try:
        return alike(text)
    except ValueError:
        return text


def _printed() -> Iterator[str]:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                yield from _forms(node)
            yield from _put_together(getattr(node, "body", ()))


def _put_together(statements: object) -> Iterator[str]:
    """Yield what `text = "…"` becomes with the `text += "…"` right below it."""
    forms: dict[str, list[str]] = {}
    for statement in statements if isinstance(statements, list) else ():
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                forms[name] = _forms(value)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value) if name in forms:
                forms[name] = [form + more for form in forms[name] for more in _forms(value)][:_MOST]
                yield from forms[name]


def _forms(node: ast.expr) -> list[str]:
    """Return what an expression can come out as: each branch of a condition, a plural with and without its "s"."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            forms = [""]
            for value in values:
                forms = [form + more for form in forms for more in _forms(value)][:_MOST]
            return forms
        case ast.FormattedValue(value=ast.IfExp() | ast.BinOp(op=ast.Mult()) as value):
            return _forms(value)
        case ast.IfExp(body=body, orelse=orelse):
            return [*_forms(body), *_forms(orelse)]
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mult()):
            return ["", text]
    return ["{}"]


def advice() -> Iterator[str]:
    """Yield every text that is given as how to fix something, alike: the hints of errors and of the check-up."""
    for path in PACKAGE.rglob("*.py"):
        if "sandbox" in path.parts:  # it knows no operator
            continue
        tree = ast.parse(path.read_text("utf-8"))
        named = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for value in _hints_of(node):
                    yield from map(_filled_later, _forms(named.get(value.id, value) if _is_name(value) else value))


def _is_name(node: ast.expr) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def _hints_of(call: ast.Call) -> Iterator[ast.expr]:
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "hint")
    if isinstance(call.func, ast.Name) and call.func.id == "Check":
        yield from call.args[3:]
