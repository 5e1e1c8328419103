"""Selectors against labels: label selectors, plain maps and node selector terms."""

from typing import Any

from opsagent.analysis.objects.kube import dicts, mapping, strings, text, words


def selects(selector: Any, labels: dict[str, str]) -> bool:
    """Return whether a LabelSelector (matchLabels and matchExpressions) matches; an empty one matches everything.

    A selector that is not an object matches nothing. Source: k8s.io/apimachinery metav1.LabelSelector.
    """
    if not isinstance(selector, dict):
        return False
    if any(labels.get(key) != value for key, value in strings(selector, "matchLabels").items()):
        return False
    return all(meets(requirement, labels) for requirement in dicts(selector, "matchExpressions"))


def covers(wanted: dict[str, str], labels: dict[str, str]) -> bool:
    """Return whether labels hold every pair of a plain map (a Service's selector); an empty map covers nothing."""
    return bool(wanted) and all(labels.get(key) == value for key, value in wanted.items())


def meets(requirement: dict[str, Any], labels: dict[str, str]) -> bool:
    """Return whether labels meet one requirement: In, NotIn, Exists, DoesNotExist, Gt or Lt."""
    key, operator = text(requirement, "key"), text(requirement, "operator")
    values = words(requirement, "values")
    value = labels.get(key)
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    if operator == "NotIn":
        return value is None or value not in values
    if operator in ("Gt", "Lt"):
        return _compares(operator, value, values)
    return value in values


def fits_terms(terms: list[dict[str, Any]], labels: dict[str, str], node: str) -> bool:
    """Return whether a node meets any of the node selector terms (an empty term matches no node)."""
    return any(_fits(term, labels, node) for term in terms)


def selector_text(selector: Any) -> str:
    """Return a label selector or plain map as an operator writes it: "app=web,tier in (a,b)"."""
    if not isinstance(selector, dict):
        return ""
    expressions = dicts(selector, "matchExpressions")
    plain = strings(selector, "matchLabels") if "matchLabels" in selector or expressions else strings(selector)
    parts = [f"{key}={value}" for key, value in plain.items()]
    for item in expressions:
        values = ",".join(words(item, "values"))
        parts.append(f"{text(item, 'key')} {text(item, 'operator')}" + (f" ({values})" if values else ""))
    return ",".join(parts)


def _fits(term: dict[str, Any], labels: dict[str, str], node: str) -> bool:
    expressions, fields = dicts(term, "matchExpressions"), dicts(term, "matchFields")
    if not expressions and not fields:
        return False
    named = {"metadata.name": node}
    return all(meets(item, labels) for item in expressions) and all(meets(item, named) for item in fields)


def _compares(operator: str, value: str | None, values: list[str]) -> bool:
    try:
        left, right = int(value or ""), int(values[0] if values else "")
    except ValueError:
        return False
    return left > right if operator == "Gt" else left < right


def selector_of(workload: dict[str, Any]) -> dict[str, Any]:
    """Return a workload's label selector; a ReplicationController's plain map becomes matchLabels."""
    selector = mapping(workload, "spec", "selector")
    if selector and not {"matchLabels", "matchExpressions"} & selector.keys():
        return {"matchLabels": selector}
    return selector


def taint_tolerated(taint: dict[str, Any], tolerations: list[dict[str, Any]]) -> bool:
    """Return whether any toleration tolerates the taint, as the scheduler reads it."""
    return any(_tolerates(item, taint) for item in tolerations)


def _tolerates(toleration: dict[str, Any], taint: dict[str, Any]) -> bool:
    effect, key = text(toleration, "effect"), text(toleration, "key")
    if effect and effect != text(taint, "effect"):
        return False
    if key and key != text(taint, "key"):
        return False
    if text(toleration, "operator", default="Equal") == "Exists":
        return True
    return bool(key) and text(toleration, "value") == text(taint, "value")
