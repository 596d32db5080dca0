"""Options of the server: where it listens, to whom it answers, and how much it takes at once."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8080

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Options:
    """How a server is run. Sizes are bytes, times are seconds."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    """0 is any that is free."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    allowed_hosts: tuple[str, ...] = ()
    """Names by which it is called, beside those of where it listens."""
    auth_header: str = "X-API-Auth"
    """A header with base64 of ``user:token``, for where ``Authorization`` does not get through; "" for none."""
    body_limit: int = MIB
    file_body_limit: int = 30 * MIB
    header_deadline: float = 10
    body_deadline: float = 30
    """For each MiB of body anew."""
    answer_deadline: float = 30
    """How long a caller may read nothing of an answer."""
    requests_at_once: int = 32
    large_bodies_at_once: int = 4
    logins_at_once: int = 8
    """Wrong logins that are kept waiting; more are turned away."""
    busy_timeout: float = 5
    """How long to wait for another program's lock on the database."""

    @property
    def is_loopback(self) -> bool:
        """Return whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def has_tls(self) -> bool:
        """Return whether what is sent is encrypted."""
        return self.tls_cert is not None


def is_loopback(host: str) -> bool:
    """Return whether a name or an address is this machine's own."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Return whether a host is written as an address."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
