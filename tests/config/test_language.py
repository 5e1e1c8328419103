"""The language: what is set counts, then the locale as POSIX orders its variables."""

import pytest

from opsagent.config.language import language_of
from opsagent.config.load import load


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LC_MESSAGES": "ko_KR.utf8", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "ko_KR@x"}, "ko"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "kok_IN"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_chooses_a_language_that_has_a_translation(environ: dict[str, str], language: str) -> None:
    """LC_ALL counts before LC_MESSAGES, and that before LANG; a language without translation is English."""
    assert language_of(None, environ) == language


@pytest.mark.parametrize("set_to", ["en", "ko"])
def test_the_setting_counts_before_the_locale(set_to: str) -> None:
    """OPSAGENT_LANGUAGE works as `language:` of the file does, in every locale."""
    settings = load(None, {"OPSAGENT_LANGUAGE": set_to, "XDG_CONFIG_HOME": "/nonexistent"}, {})
    assert language_of(settings.language, {"LANG": "ko_KR.UTF-8"}) == set_to
