"""The application that a server runs: its routes, and what stands before them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kbtui.errors import DatabaseError
from kbtui.server import jsonrpc, task_url
from kbtui.server.auth import Authenticator, read_credentials
from kbtui.server.callers import Caller
from kbtui.server.limits import BodyReader, Gate, RejectedError, Throttle
from kbtui.server.options import Options
from kbtui.server.worker import Worker

BUSY = "Too Many Requests"


class Service:
    """What answers requests, with what it remembers between them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._worker = Worker(options.busy_timeout)
        self._authenticator = Authenticator(self._worker)
        self._throttle = Throttle()
        self._bodies = BodyReader(options)
        self._waiting = 0

    def close(self) -> None:
        """End the threads."""
        self._worker.close()

    async def answer_task_url(self, request: Request) -> Response:
        """Make a task by URL; the token is looked at before anything else."""
        try:
            fields = task_url.read_query(request.scope["query_string"].decode("latin-1"))
        except ValueError:
            return PlainTextResponse("Bad Request", 400)
        if not task_url.is_task_url(fields):
            return PlainTextResponse("Not Found", 404)
        try:
            if not await self._worker.run(partial(task_url.is_authorized, fields)):
                return await self._slowly(request, PlainTextResponse(task_url.NOT_AUTHORIZED, 401))
        except DatabaseError:
            return PlainTextResponse(task_url.FAILED)
        if request.method not in ("GET", "POST"):
            return PlainTextResponse("Method Not Allowed", 405, headers={"allow": "GET, POST"})
        key = request.headers.get("idempotency-key")
        made = await self._worker.run(partial(task_url.create_task, fields, key))
        return PlainTextResponse(task_url.OK if made else task_url.FAILED)

    async def answer_jsonrpc(self, request: Request) -> Response:
        """Carry out a call or a batch of the API."""
        try:
            caller, is_wrong = await self._caller(request)
        except DatabaseError:
            return _json(jsonrpc.UNAVAILABLE)
        if is_wrong:
            return await self._slowly(request, _json(jsonrpc.UNAUTHORIZED))
        limit = self._options.body_limit if caller is None else self._options.file_body_limit
        body = await self._bodies.read(request, limit)
        base_url = f"{request.url.scheme}://{request.headers['host']}"
        answered = await self._worker.run(partial(self._answer, body, caller, base_url))
        return _json(answered)

    def _answer(self, body: bytes, caller: Caller | None, base_url: str) -> jsonrpc.Reply:
        """Carry out what a body asks for; one above the usual size may only bring a file."""
        try:
            payload = jsonrpc.parse(body)
        except ValueError:
            return jsonrpc.NO_JSON
        if len(body) > self._options.body_limit and not jsonrpc.brings_file(payload):
            return jsonrpc.TOO_LARGE
        return jsonrpc.answer(payload, caller, base_url)

    async def _caller(self, request: Request) -> tuple[Caller | None, bool]:
        """Return who calls, None for nobody, and whether somebody tried with wrong credentials."""
        credentials = read_credentials(request.headers, self._options.auth_header)
        if credentials is None:
            return None, False
        may_hash = self._waiting < self._options.logins_at_once
        caller = await self._authenticator.check(credentials, may_hash=may_hash)
        if caller is not None:
            self._throttle.succeed(_address(request))
        elif not may_hash:
            raise RejectedError(429, BUSY)
        return caller, caller is None

    async def _slowly(self, request: Request, response: Response) -> Response:
        """Return a refusal later, the more of them there have been for this address."""
        if self._waiting >= self._options.logins_at_once:
            raise RejectedError(429, BUSY)
        self._waiting += 1
        try:
            await asyncio.sleep(self._throttle.fail(_address(request), time.monotonic()))
        finally:
            self._waiting -= 1
        return response


def create_app(options: Options) -> Starlette:
    """Return the application of a server for the open database."""
    service = Service(options)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        service.close()

    def every_method(path: str, endpoint: Callable[[Request], Any]) -> Route:
        return Route(path, endpoint, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

    return Starlette(
        routes=[
            every_method("/", service.answer_task_url),
            every_method("/index.php", service.answer_task_url),
            Route("/jsonrpc.php", service.answer_jsonrpc, methods=["GET", "POST"]),
            Route("/jsonrpc", service.answer_jsonrpc, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(Gate, options=options)],
        exception_handlers={RejectedError: _refused},
        lifespan=lifespan,
    )


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RejectedError)  # noqa: S101 - it is registered for nothing else
    return error.response


def _json(reply: jsonrpc.Reply) -> Response:
    headers = {"www-authenticate": 'Basic realm="JsonRPC"'} if reply.status == 401 else {}
    return Response(reply.body, reply.status, headers, media_type="application/json")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
