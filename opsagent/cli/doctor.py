"""`doctor`: can opsagent work here, and if not, what to do about it."""

from opsagent.cli.options import JsonOnly
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode


def doctor(setup: Setup, *, as_json: JsonOnly = False) -> ExitCode:
    """Check configuration, state, load balancer, health paths, cluster, access and model; state the fix for each."""
    from opsagent.cli.work.documents import document
    from opsagent.setup.doctor import check_up, failed
    from opsagent.ui.console import show, write
    from opsagent.ui.doctor_view import doctor_view

    made = check_up(
        setup.settings,
        setup.platform,
        lambda: setup.services,
        setup.store,
        environ=setup.environ,
        file=setup.file,
    )
    checks = tuple(made)
    if as_json:
        write(document({"checks": checks, "ok": not failed(checks)}, "json"))
    else:
        show(doctor_view(checks))
    return ExitCode.FAILED if failed(checks) else ExitCode.OK
