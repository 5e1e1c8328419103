"""The ports that programs state they listen on, in the words of many servers."""

import pytest

from opsagent.analysis.logs.context.listening import listening
from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ("[2031-02-03 10:00:00 +0000] [7] [INFO] Listening at: http://0.0.0.0:8000 (7)", "8000"),
        ("Now listening on: http://[::]:5000", "5000"),
        ("* Listening on tcp://0.0.0.0:3000", "3000"),
        ("Netty started on port 8081", "8081"),
        ("Jetty started on port(s) 8082 (http/1.1) with context path '/'", "8082"),
        ("[GIN-debug] Listening and serving HTTP on :8083", "8083"),
        ("http server started on [::]:1323", "1323"),
        ("Rocket has launched from http://0.0.0.0:8084", "8084"),
        ("Serving HTTP on 0.0.0.0 port 8085 (http://0.0.0.0:8085/) ...", "8085"),
        ("[info] Running ShopWeb.Endpoint with cowboy 2.9.0 at :::4000 (http)", "4000"),
        ('{"level":"info","msg":"grpc server listening","addr":"[::]:50051"}', "50051"),
        ('LOG:  listening on IPv4 address "0.0.0.0", port 5432', "5432"),
        ("1:M 03 Feb 2031 10:00:00.000 * Running mode=standalone, port=6379.", "6379"),
        ("Application is running on: http://[::1]:3001", "3001"),
    ],
)
def test_a_server_names_its_port(line: str, port: str) -> None:
    """Whatever the server's words are."""
    assert listening(digest(LogRef("a.log"), [line.encode()])) == {port}


@pytest.mark.parametrize(
    "line",
    [
        "      Started:      Wed, 03 Feb 2031 10:00:34 +0000",
        "Started request at 2031-02-03T10:00:34",
        "Is the server running on that host and accepting connections on port 5432?",
        "Started cart in 12.808 seconds",
        "listen tcp :8080: bind: address already in use",
        'server.go:144] "Starting to listen" address="0.0.0.0" port=10250',
    ],
)
def test_a_time_a_question_or_a_failure_is_not_a_port(line: str) -> None:
    """Digits behind a colon are no port where nobody listens."""
    assert listening(digest(LogRef("a.log"), [line.encode()])) == frozenset()
