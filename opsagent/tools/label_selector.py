"""Label selectors as kubectl's `-l` takes them."""

import re
from typing import Any

from opsagent.analysis.objects import kube
from opsagent.errors import UsageError

_KEY = r"[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?"
_EQUAL = re.compile(rf"(?P<key>{_KEY})\s*(?P<sign>==?|!=)\s*(?P<value>{_VALUE})")
_SET = re.compile(rf"(?P<key>{_KEY})\s+(?P<sign>in|notin)\s*\((?P<values>[^()]*)\)")
_BARE = re.compile(rf"(?P<absent>!?)\s*(?P<key>{_KEY})")
_COMMA = re.compile(r",(?![^(]*\))")  # not one within "in (a,b)"


def parse_selector(text: str) -> dict[str, Any]:
    """Return the LabelSelector object of "app=web,tier in (a,b),!canary".

    Raises UsageError for what is not a selector. Source: k8s.io/apimachinery labels.Parse.
    """
    return {"matchExpressions": [_requirement(part.strip(), text) for part in _COMMA.split(text)]}


def selector_query(selector: Any) -> str:
    """Return a LabelSelector object as the text that the API server takes; "" where it chooses everything."""
    parts = [f"{key}={value}" for key, value in kube.strings(selector, "matchLabels").items()]
    for item in kube.dicts(selector, "matchExpressions"):
        key, values = kube.text(item, "key"), ",".join(kube.words(item, "values"))
        forms = {
            "Exists": key,
            "DoesNotExist": f"!{key}",
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
        }
        parts.append(forms[kube.text(item, "operator")])
    return ",".join(parts)


def _requirement(part: str, whole: str) -> dict[str, Any]:
    if found := _EQUAL.fullmatch(part):
        operator = "NotIn" if found["sign"] == "!=" else "In"
        return {"key": found["key"], "operator": operator, "values": [found["value"]]}
    if found := _SET.fullmatch(part):
        values = [value.strip() for value in found["values"].split(",")]
        return {"key": found["key"], "operator": "NotIn" if found["sign"] == "notin" else "In", "values": values}
    if found := _BARE.fullmatch(part):
        return {"key": found["key"], "operator": "DoesNotExist" if found["absent"] else "Exists"}
    raise UsageError(
        f"invalid label selector {whole!r}: {part!r} is not a requirement",
        hint="use app=web, tier!=db, 'tier in (a,b)', canary or '!canary', joined with commas",
    )
