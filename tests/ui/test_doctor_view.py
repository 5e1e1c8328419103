"""The check-up on the screen."""

from opsagent.models.checkup import Check
from opsagent.ui.doctor_view import doctor_view
from tests.ui.drawing import drawn


def test_each_check_has_its_mark_and_its_way_out() -> None:
    """✓, ! and ✗ are before the names, the hint below what was found, and the sum at the end."""
    checks = (
        Check("state", "ok", "fine"),
        Check("clock", "warn", "20 s behind", "timedatectl"),
        Check("cluster", "fail", "no kubeconfig", "set KUBECONFIG"),
    )
    text = drawn(doctor_view(checks))
    assert "✓" in text
    assert "→ timedatectl" in text
    assert "→ set KUBECONFIG" in text
    assert "1 error, 1 warning" in text


def test_hostile_text_is_inert() -> None:
    """A server's words cannot steer the terminal."""
    assert "\x1b" not in drawn(doctor_view([Check("a\x1b[2J", "ok", "b\x1b[31m", "c\x07\nd")]))


def test_all_is_well_is_stated() -> None:
    """Nothing to know of: one sentence states it."""
    assert "all is well" in drawn(doctor_view([Check("state", "ok", "fine")]))
