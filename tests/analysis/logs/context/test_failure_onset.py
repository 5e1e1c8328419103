"""Records that begin to fail are seen by their level and status alone, and noise that was always there is not."""

from tests.analysis.logs.said import said

_GOOD = '{"level":"INFO","message":"Event dispatched","context":{"id":"a","statusCode":200}}\n'


def test_an_outcome_in_another_form_shows() -> None:
    """A status in a nested field, a gRPC code or an SQLSTATE: many of the newest records fail, none did before."""
    for outcome in ('"statusCode":500', '"code":"Unavailable"', '"sqlstate":"57P05"', '"exit_code":137'):
        assert said(_GOOD * 40 + _GOOD.replace('"statusCode":200', outcome) * 20) == ["unknown"], outcome


def test_refused_requests_show_where_they_worked_before() -> None:
    """A 4xx is the client's fault unless the same was answered before; a missing page is never ours."""
    refused = _GOOD.replace("200", "401")
    assert said(_GOOD * 60 + (refused + _GOOD) * 30)
    assert not said(_GOOD * 60 + _GOOD.replace("200", "404") * 30)


def test_a_share_that_was_there_before_is_not_an_onset() -> None:
    """One failure in five, from the first line on to the last, is how this program works."""
    mixed = _GOOD * 4 + _GOOD.replace("200", "500")
    assert not said(mixed * 40)


def test_what_ended_long_ago_is_not_an_onset() -> None:
    """Failures in the first half and good work since then show nothing."""
    assert not said(_GOOD.replace("200", "500") * 20 + _GOOD * 300)
