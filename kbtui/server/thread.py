"""The server in a thread of its own, for a screen, a test, or ``kbtui serve`` itself."""

import asyncio
import logging
import socket
import ssl
import threading

import uvicorn

from kbtui.errors import KbtuiError
from kbtui.server.app import create_app
from kbtui.server.connection import connection_class
from kbtui.server.options import DEFAULT_HOST, DEFAULT_PORT, Options

BACKLOG = 128

SILENT = logging.NullHandler()

STOP_SECONDS = 2
"""How long requests under way have to end when the server stops."""


class ServerThread:
    """A server for the open database. ``start`` it once, ``stop`` it once."""

    def __init__(self, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, *, options: Options | None = None) -> None:
        self.options = options or Options(host=host, port=port)
        self._port = self.options.port
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=self._run, name="kbtui server", daemon=True)

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return self._port

    @property
    def url(self) -> str:
        """Return where it is, without a slash at the end."""
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        return f"{'https' if self.options.has_tls else 'http'}://{host}:{self.port}"

    @property
    def is_running(self) -> bool:
        """Return whether it answers."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Listen, and answer from now on. Raises KbtuiError when the address or the certificate cannot be used."""
        self._socket = _listen(self.options)
        self._port = int(self._socket.getsockname()[1])
        try:
            self._server = uvicorn.Server(_config(self.options))
        except BaseException:
            self._socket.close()
            raise
        self._thread.start()

    def stop(self, timeout: float = STOP_SECONDS + 1.0) -> None:
        """Take no more requests, and end within that many seconds."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        assert self._server is not None and self._socket is not None  # noqa: S101, PT018 - set before the start
        with self._socket:
            asyncio.run(self._server.serve([self._socket]))


def _config(options: Options) -> uvicorn.Config:
    """Return uvicorn's settings: no access log, since URLs hold tokens, and no header that tells what runs here."""
    config = uvicorn.Config(
        create_app(options),
        http=connection_class(options.header_deadline, options.answer_deadline),
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=int(options.header_deadline) or 1,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
        ssl_certfile=options.tls_cert,
        ssl_keyfile=options.tls_key,
    )
    log = logging.getLogger("uvicorn.error")
    log.setLevel(logging.ERROR)
    log.addHandler(SILENT)  # without any handler Python would write to the terminal, over a screen
    try:
        config.load()
    except (ssl.SSLError, OSError) as error:
        raise KbtuiError(f"The certificate or its key cannot be used: {error.strerror or error}.") from error
    return config


def _listen(options: Options) -> socket.socket:
    """Return a socket that listens; raise KbtuiError when the address cannot be had."""
    where = f"{options.host}, port {options.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise KbtuiError(f'"{options.host}" is no address to listen on.') from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise KbtuiError(f"Nothing can listen on {where}: {error.strerror}.") from error
    return listening
