"""What counts as an answer of an API server: the right kind, complete, and of the right shape."""

from collections.abc import Mapping
from typing import Any

from opsagent.clients.answer import HttpAnswer, brief, json_object, kube_status
from opsagent.clients.api import Api, ApiRequest
from opsagent.clients.kinds import Kind
from opsagent.clients.kube_errors import NO_API, refused
from opsagent.errors import NotAnAnswerError

_REVIEW = "SelfSubjectAccessReview"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_ITEM_SHOWN = 60


def object_of(answer: HttpAnswer, what: str, source: str) -> dict[str, Any]:
    """Return the body as one JSON object."""
    body, wrong = json_object(answer)
    if body is None:
        raise NotAnAnswerError(f"cannot {what}: the API server {wrong}", source=source, hint=NO_API)
    return body


def no_answer(what: str, wrong: str, source: str) -> NotAnAnswerError:
    """Return the error for an answer that "is …", "holds …" something else than was asked for."""
    return NotAnAnswerError(f"cannot {what}: the answer {wrong}", source=source, hint=NO_API)


def kind_of(body: Mapping[str, Any]) -> str:
    """Return what an answer calls itself, for people."""
    kind = body.get("kind")
    return f"of kind {brief(kind, _ITEM_SHOWN)}" if isinstance(kind, str) else "without a kind"


def name_of(item: Mapping[str, Any]) -> str | None:
    """Return an object's name, None where it has none."""
    meta = item.get("metadata")
    name = meta.get("name") if isinstance(meta, dict) else None
    return name if isinstance(name, str) and name else None


def shaped(item: object, what: str, kind: Kind) -> dict[str, Any]:
    """Return an object as it is; NotAnAnswerError where it is none, for what is dropped would be missed by nobody."""
    if not isinstance(item, dict) or name_of(item) is None:
        raise no_answer(what, f"holds an item that is no {kind.name}: {brief(item, _ITEM_SHOWN)}", kind.source)
    for part in ("spec", "status"):
        if item.get(part) is not None and not isinstance(item[part], dict):
            raise no_answer(what, f"holds a {kind.name} whose {part} is not an object: {name_of(item)}", kind.source)
    return item


def version_of(api: Api, timeout_s: float) -> tuple[HttpAnswer, str | None]:
    """GET /version and return the answer with its gitVersion; None where this identity may not read it.

    Raises NotAnAnswerError where what answers is not an API server.
    """
    what = "get /version"
    answer = api.read(ApiRequest("/version", what, "cluster"), timeout_s)
    if answer.status == 403 and kube_status(answer) is not None:
        return answer, None  # the refusal is an API server's own
    if answer.status >= 300:
        raise refused(answer, what, "cluster")
    version = object_of(answer, what, "cluster").get("gitVersion")
    if not isinstance(version, str) or not version:
        raise no_answer(what, "names no gitVersion", "cluster")
    return answer, brief(version, _ITEM_SHOWN)


def review(api: Api, attributes: Mapping[str, str]) -> bool | None:
    """Ask by SelfSubjectAccessReview whether this identity may; None where the API server does not know either.

    Raises CheckError where the review itself failed.
    """
    what = "create selfsubjectaccessreviews"
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": _REVIEW,
        "spec": {"resourceAttributes": dict(attributes)},
    }
    request = ApiRequest(_REVIEWS, what, "access", method="POST", body=body, changes_nothing=True)
    answer = object_of(api.ask(request), what, "access")
    status = answer.get("status")
    allowed = status.get("allowed") if isinstance(status, dict) else None
    if answer.get("kind") != _REVIEW or not isinstance(status, dict) or not isinstance(allowed, bool):
        raise no_answer(what, f"is {kind_of(answer)}, not an answered {_REVIEW}", "access")
    return None if not allowed and status.get("evaluationError") else allowed
