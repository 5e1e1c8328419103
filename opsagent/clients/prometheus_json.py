"""Answers of the Prometheus HTTP API in every dialect: figures, gaps, warnings and refusals."""

import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from opsagent.clients.answer import HttpAnswer, brief, json_object
from opsagent.clients.http_errors import refusal, too_long
from opsagent.errors import CheckError, TransientCheckError

SOURCE = "metrics"


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """One series of a range query; values are as answered, NaN and infinities included."""

    labels: dict[str, str]
    times: "array[float]"
    values: "array[float]"


@dataclass(frozen=True, slots=True)
class Ranges:
    """The answer to a range query; `warnings` are there where it is incomplete (Thanos, Mimir)."""

    series: tuple[Range, ...]
    warnings: tuple[str, ...] = ()


def ranges(answer: HttpAnswer, who: str) -> Ranges:
    """Return the series of a query_range answer. Raises CheckError where it is none, or refused.

    Each series becomes arrays as soon as it is parsed: a list of pairs of text takes ten times the memory.
    """
    _refuse(answer, who)
    try:
        body = json.loads(answer.body, object_hook=lambda entry: _range(entry) if "values" in entry else entry)
    except (ValueError, RecursionError) as error:
        raise TransientCheckError(f"{who} answered with broken or unfinished JSON", source=SOURCE) from error
    data = body.get("data") if isinstance(body, dict) else None
    result = data.get("result") if isinstance(data, dict) else None
    if not isinstance(data, dict) or data.get("resultType") != "matrix" or not isinstance(result, list):
        raise CheckError(f"{who} answered something else than a matrix: {brief(answer.text)}", source=SOURCE)
    notes = body.get("warnings")
    warnings = tuple(brief(note, 300) for note in notes) if isinstance(notes, list) else ()
    return Ranges(tuple(entry for entry in result if isinstance(entry, Range)), warnings)


def vector(answer: HttpAnswer, who: str) -> tuple[list[tuple[dict[str, str], float]], tuple[str, ...]]:
    """Return labels and value of each series of an instant query, and the warnings. Raises CheckError."""
    body = document(answer, who)
    data = body.get("data")
    result = data.get("result") if isinstance(data, dict) else None
    if not isinstance(result, list) or data is None or data.get("resultType") != "vector":
        raise CheckError(f"{who} answered something else than a vector: {brief(answer.text)}", source=SOURCE)
    found = []
    for entry in result:
        value = entry.get("value") if isinstance(entry, dict) else None
        if isinstance(value, list) and len(value) == 2 and (number := _number(value[1])) is not None:
            found.append((_labels(entry.get("metric")), number))
    notes = body.get("warnings")
    return found, tuple(brief(note, 300) for note in notes) if isinstance(notes, list) else ()


def document(answer: HttpAnswer, who: str) -> dict[str, Any]:
    """Return the JSON object of an answer that is a success. Raises CheckError with the server's own words."""
    _refuse(answer, who)
    body, wrong = json_object(answer)
    if body is None:
        raise CheckError(f"{who} {wrong}", source=SOURCE, hint=_NO_PROMETHEUS)
    if body.get("status") == "error":
        raise CheckError(f"{who} refused the query: {brief(body.get('error'), 300)}", source=SOURCE)
    return body


_NO_PROMETHEUS = "is prometheus.url the address of a Prometheus API, and not of a login page or a dashboard?"


def _refuse(answer: HttpAnswer, who: str) -> None:
    """Raise what an answer without a result means."""
    if answer.status == 200 and not answer.cut:
        return
    if answer.cut:
        raise too_long(answer, who=who, source=SOURCE)
    body, wrong = json_object(answer)
    words = brief((body or {}).get("error") or (body or {}).get("message") or wrong or answer.text, 300)
    credentials = "prometheus.bearer_env, username_env and password_env"
    raise refusal(answer, words, who=who, source=SOURCE, credentials=credentials, may_not="query", hint=_NO_PROMETHEUS)


def _range(entry: dict[str, Any]) -> Range | dict[str, Any]:
    values = entry.get("values")
    if not isinstance(values, list) or "metric" not in entry:
        return entry
    try:  # at once, for a large platform has a million pairs; one that is not a pair of time and text is met below
        at_once, texts = zip(*values, strict=True)
        return Range(_labels(entry["metric"]), array("d", at_once), array("d", map(float, texts)))
    except (TypeError, ValueError):
        pass
    times, numbers = array("d"), array("d")
    for at, number in _pairs(values):
        times.append(at)
        numbers.append(number)
    return Range(_labels(entry["metric"]), times, numbers)


def _pairs(values: Iterable[Any]) -> Iterable[tuple[float, float]]:
    for pair in values:
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], int | float):
            number = _number(pair[1])
            if number is not None:
                yield float(pair[0]), number


def _number(text: object) -> float | None:
    """Return a figure, which the API writes as text; "NaN" and "+Inf" are figures to it, and none to us."""
    if not isinstance(text, str | int | float):
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _labels(value: object) -> dict[str, str]:
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}
