"""Errors in the API server's words: Status objects."""

import json

from .facts import USER, Json
from .faults import ApiRefusal, CannedReply, ServedRequest
from .kinds import ApiResource


class ApiError(Exception):
    """Ends a request with a Status object."""

    def __init__(self, code: int, reason: str, message: str, details: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details or {}
        self.retry_after_s: int | None = None

    def reply(self) -> CannedReply:
        """Return the answer to send."""
        body: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        body |= {"message": self.message, "reason": self.reason, "code": self.code}
        if self.details:
            body["details"] = self.details
        headers = (("Retry-After", str(self.retry_after_s)),) if self.retry_after_s is not None else ()
        return CannedReply(self.code, json.dumps(body).encode(), headers=headers)


def not_found(kind: ApiResource, name: str) -> ApiError:
    """State that there is no such object."""
    return ApiError(404, "NotFound", f'{kind.qualified} "{name}" not found', _details(kind, name))


def forbidden(request: ServedRequest, kind: ApiResource | None) -> ApiError:
    """State that RBAC does not allow this."""
    what = kind.qualified if kind else request.resource
    named = f'{what} "{request.name}"' if request.name else what
    group = kind.group if kind else request.group
    where = f'in the namespace "{request.namespace}"' if request.namespace else "at the cluster scope"
    deed = f'User "{USER}" cannot {request.verb} resource "{request.target}" in API group "{group}" {where}'
    details = _details(kind, request.name) if kind else {}
    return ApiError(403, "Forbidden", f"{named} is forbidden: {deed}", details)


def conflict(kind: ApiResource, name: str) -> ApiError:
    """State that the object was changed in between."""
    why = "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {kind.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(kind, name))


def worded(refusal: ApiRefusal, request: ServedRequest, kind: ApiResource | None) -> ApiError:
    """Put a refusal that a fault ordered into the words for this request."""
    if refusal.message:
        error = ApiError(refusal.code, refusal.reason, refusal.message)
    elif refusal.code == 403:
        error = forbidden(request, kind)
    elif refusal.code == 409 and kind:
        error = conflict(kind, request.name)
    elif kind:
        error = not_found(kind, request.name)
    else:
        error = ApiError(404, "NotFound", "the server could not find the requested resource")
    if refusal.retry_after_s is not None:
        error.retry_after_s = refusal.retry_after_s
        error.details = {"retryAfterSeconds": refusal.retry_after_s}
    return error


def _details(kind: ApiResource, name: str) -> Json:
    named = {"name": name} if name else {}
    group = {"group": kind.group} if kind.group else {}
    return {**named, **group, "kind": kind.plural}
