"""The HTTP API against a fuzzer: every generated request gets an answer that its own OpenAPI document allows."""

from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra api is not installed")
schemathesis = pytest.importorskip("schemathesis", reason="the extra dev is not installed")

from hypothesis import HealthCheck, given, settings  # noqa: E402
from schemathesis.checks import negative_data_rejection  # noqa: E402

from opsagent.serving.http import http_api  # noqa: E402
from tests.serving.conftest import source_of  # noqa: E402
from tests.session import Boxed  # noqa: E402

TOKEN = "a-token-of-this-test"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}", "Host": "127.0.0.1"}


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")  # the fuzzer's own
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_answer_is_one_that_the_document_allows(boxed: Boxed, mode: str) -> None:
    """Good and wild bodies, ids, queries and headers: no 500, no undocumented status, no way past the token."""
    _, here = boxed("healthy")
    api = http_api(source_of(here), TOKEN)
    schema = schemathesis.openapi.from_asgi("/openapi.json", api, headers=WITH_TOKEN)
    fuzzed = []
    # The stream of steps never ends, which a fuzzer would wait for; it has tests of its own.
    for found in schema.exclude(path="/agent/events").get_all_operations():
        operation = found.ok()
        kind = schemathesis.GenerationMode(mode)

        @given(case=operation.as_strategy(generation_mode=kind))
        @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def holds(case: Any) -> None:
            # An unknown query parameter is ignored, as everywhere in HTTP.
            case.call_and_validate(headers=WITH_TOKEN, excluded_checks=[negative_data_rejection])

        holds()
        fuzzed.append(operation.path)
    assert len(fuzzed) == 7
