"""The error tree and the exit codes: every error states what was tried, what came back, and how to fix it."""

from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """What a command's exit status means; the README's table is held equal to this."""

    OK = 0  # healthy (the state of every service was read), repaired and verified, or recovered by itself
    FAILED = 1  # opsagent itself failed, or what was asked about could not be read or understood
    USAGE = 2  # usage or configuration
    REPORTED = 3  # incident reported, nothing done
    ESCALATED = 4  # a human has to take over
    NOTHING_FOUND = 5  # what was given shows no fault, but no service's state was read
    PENDING = 8  # awaiting approval
    INTERRUPTED = 130


# `watch` over several incidents exits with the worst of them.
WORST_FIRST = (
    ExitCode.FAILED,
    ExitCode.ESCALATED,
    ExitCode.PENDING,
    ExitCode.REPORTED,
    ExitCode.NOTHING_FOUND,
    ExitCode.OK,
)


class OpsagentError(Exception):
    """State what was tried and what came back; `hint` is how to fix it."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def as_answer(self) -> Self:
        """Return it as one answer among others, without its traceback: the frames in that hold the answers in turn.

        Such a cycle keeps all that those frames read until Python searches for garbage.
        """
        error: BaseException | None = self
        while error is not None:
            error.__traceback__ = None
            error = error.__cause__ or error.__context__
        return self


class UsageError(OpsagentError):
    """A wrong argument or a combination that cannot work; nothing was requested yet."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """A configuration that cannot be used; the message names file, line and key."""


class UnknownServiceError(UsageError):
    """A name that resolves to no service; the hint lists the nearest ones."""


class CheckError(OpsagentError):
    """Something could not be checked: never the same as "looks fine".

    `source` names it as `not_checked` does (stats, health, pods, events, logs …).
    """

    def __init__(self, message: str, *, source: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.source = source


class TransientCheckError(CheckError):
    """A check that may work when tried again: time-outs, resets, 429, 500 to 504."""

    def __init__(
        self, message: str, *, source: str, hint: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, source=source, hint=hint)
        self.retry_after_s = retry_after_s


class UnreachableError(TransientCheckError):
    """Nobody answered: refused, no route, no such name, no time left."""


class NoWayError(UnreachableError):
    """No connection could be made for a reason that is not the other side's: no such name, TLS that fails."""


class HungError(TransientCheckError):
    """A service gave no answer in time, asked over a way that works."""


class NotCheckedError(CheckError):
    """This platform (a bundle, a cluster without that API) holds no such thing to check."""


class NotServedError(NotCheckedError):
    """404 for a list: this cluster serves no such API, so there is nothing to be blind to."""


class NotAnAnswerError(CheckError):
    """An answer came back that is not the kind of answer that was asked for."""


class TooLargeError(CheckError):
    """An answer, or all answers of a pass together, are larger than the bound."""


class InvalidNameError(CheckError):
    """A name from outside that no object can have; nothing was requested."""

    exit_code = ExitCode.USAGE


class NoClusterError(CheckError):
    """There is no usable kubeconfig or context."""


class UnauthorizedError(CheckError):
    """401: the credentials are missing, wrong or expired."""


class ForbiddenError(CheckError):
    """403: this identity may not do that."""


class NotFoundError(CheckError):
    """404: no such object."""


class ConflictError(CheckError):
    """409: the object changed since it was read, or a precondition does not hold."""


class GoneError(TransientCheckError):
    """410: the list's continue token or resourceVersion is too old; start over."""


class ActionError(OpsagentError):
    """A change to the cluster was refused or its outcome is not known."""


class PlanChangedError(ActionError):
    """What the operator approved is no longer what is there; nothing was done."""


class StoreError(OpsagentError):
    """The state directory cannot be read or written."""


class ApprovedStoreError(StoreError):
    """The state directory failed after a human's yes: a change may be under way, so nothing begins again."""


class BundleError(OpsagentError):
    """A bundle could not be written."""


class IncidentError(UsageError):
    """No such incident, or not one that this command fits."""


class ModelError(OpsagentError):
    """The language model did not give a usable answer; the rules go on alone."""


class QuestionNotSentError(ModelError):
    """The question was only to be shown."""
