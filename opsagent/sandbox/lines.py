"""Log lines in the formats of the platform's services."""

from collections.abc import Iterator
from datetime import UTC, datetime

PEER = "10.244.1.40"


def go(at: float, text: str) -> str:
    """Write a line as Go's standard logger does."""
    return f"{datetime.fromtimestamp(at, UTC):%Y/%m/%d %H:%M:%S} {text}"


def nginx_time(at: float) -> str:
    """Write a moment as nginx does in its access log."""
    return f"{datetime.fromtimestamp(at, UTC):%d/%b/%Y:%H:%M:%S +0000}"


def access(peer: str, request: str, answer: str) -> str:
    """Write a line as uvicorn's access log does."""
    return f'INFO:     {peer} - "{request} HTTP/1.1" {answer}'


def started(app: str, port: int, at: float) -> Iterator[str]:
    """Yield what a service writes when it starts."""
    if app == "load-balancer":
        yield go(at, "Go Load Balancer (with Stats Aggregation) started on :7100")
        return
    if app == "api-gateway":
        yield go(at, "Go API Gateway started on :8000")
        return
    if app == "redis":
        yield from _redis_start(at)
        return
    if app == "dashboard-ui":
        yield f"{datetime.fromtimestamp(at, UTC):%Y/%m/%d %H:%M:%S} [notice] 1#1: nginx/1.27.2, start worker processes"
        return
    if app == "auth-service":
        yield "INFO:auth_service:Auth service initialized for JWT-based authentication."
    if app == "user-service":
        yield (
            "INFO:cache_service:Cache service initialized and connected to Redis at redis://local-redis-service:6379"
        )
    yield "INFO:     Started server process [1]"
    yield "INFO:     Waiting for application startup."
    if app == "blog-service":
        when = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S},{int(at * 1000) % 1000:03d}"
        yield f"{when} - BlogServiceApp - INFO - 2개의 샘플 게시물과 1명의 사용자로 초기화되었습니다."
    yield "INFO:     Application startup complete."
    yield f"INFO:     Uvicorn running on http://0.0.0.0:{port} (Press CTRL+C to quit)"


def _redis_start(at: float) -> Iterator[str]:
    when = f"{datetime.fromtimestamp(at, UTC):%d %b %Y %H:%M:%S}.{int(at * 1000) % 1000:03d}"
    yield f"1:C {when} # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo"
    yield f"1:C {when} # Redis version=7.4.1, bits=64, commit=00000000, modified=0, pid=1, just started"
    yield f"1:M {when} * Running mode=standalone, port=6379."
    yield f"1:M {when} * Ready to accept connections"


def shut_down(language: str) -> Iterator[str]:
    """Yield what a service writes when it is instructed to stop."""
    if language == "python":
        yield "INFO:     Shutting down"
        yield "INFO:     Waiting for application shutdown."
        yield "INFO:     Application shutdown complete."
        yield "INFO:     Finished server process [1]"


def stats_failed(at: float, host: str, why: str) -> str:
    """Write the load balancer's line on a service that does not answer."""
    url = f"http://{host}/stats"
    return go(at, f'Error fetching stats from {url}: Get "{url}": {why}')


HUNG = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
GATEWAY_HUNG = "http: proxy error: net/http: timeout awaiting response headers"


def refused(address: str) -> str:
    """Word a refused connection as Go does."""
    return f"dial tcp {address}: connect: connection refused"


_SITE = "/usr/local/lib/python3.11/site-packages"
_FRAMES = (
    (f"{_SITE}/uvicorn/protocols/http/httptools_impl.py", 422, "run_asgi", "result = await app("),
    (f"{_SITE}/uvicorn/middleware/proxy_headers.py", 63, "__call__", "return await self.app(scope, receive, send)"),
    (f"{_SITE}/fastapi/applications.py", 1224, "__call__", "await super().__call__(scope, receive, send)"),
    (f"{_SITE}/starlette/applications.py", 96, "__call__", "await self.middleware_stack(scope, receive, send)"),
    (f"{_SITE}/starlette/middleware/errors.py", 186, "__call__", "raise exc"),
    (f"{_SITE}/starlette/middleware/errors.py", 164, "__call__", "await self.app(scope, receive, _send)"),
    (f"{_SITE}/starlette/_exception_handler.py", 53, "wrapped_app", "raise exc"),
    (f"{_SITE}/starlette/_exception_handler.py", 42, "wrapped_app", "await app(scope, receive, sender)"),
    (f"{_SITE}/fastapi/routing.py", 161, "app", "response = await f(request)"),
    (f"{_SITE}/fastapi/routing.py", 381, "run_endpoint_function", "return await dependant.call(**values)"),
)


def locked() -> Iterator[str]:
    """Yield what blog-service writes when a write waited too long for the lock."""
    yield access(f"{PEER}:0", "POST /api/posts", "500 Internal Server Error")
    yield "ERROR:    Exception in ASGI application"
    yield from _traceback((*_FRAMES, ("/app/blog_service.py", 157, "create_post", "cursor.execute(")))
    yield "sqlite3.OperationalError: database is locked"


def failed(request: str) -> Iterator[str]:
    """Yield what blog-service writes when the code behind a request ends with an exception."""
    yield access(f"{PEER}:0", request, "500 Internal Server Error")
    yield "ERROR:    Exception in ASGI application"
    yield from _traceback((*_FRAMES[-2:], ("/app/blog_service.py", 118, "list_posts", 'size = settings["page_size"]')))
    yield "TypeError: 'NoneType' object is not subscriptable"


def crashed_at_start() -> Iterator[str]:
    """Yield what the bad revision of auth-service writes before it exits with 1."""
    yield "INFO:auth_service:Auth service initialized for JWT-based authentication."
    yield from _traceback(
        (
            ("/app/main.py", 31, "<module>", "app = create_app(load_settings())"),
            ("/app/main.py", 22, "create_app", "token_rules = parse_rules(settings)"),
            ("/app/token_rules.py", 14, "parse_rules", 'leeway = settings["token"]["leeway"] + skew'),
        )
    )
    yield "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'"


def _traceback(frames: tuple[tuple[str, int, str, str], ...]) -> Iterator[str]:
    yield "Traceback (most recent call last):"
    for path, line, where, code in frames:
        yield f'  File "{path}", line {line}, in {where}'
        yield f"    {code}"
