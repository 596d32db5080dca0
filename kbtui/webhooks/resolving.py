"""Resolving: from a host's name to the addresses that may be connected to."""

import asyncio
import socket
import threading
from ipaddress import ip_address

from kbtui.errors import KbtuiError
from kbtui.webhooks import addresses


class BlockedAddressError(KbtuiError):
    """A name stands for an address that is never connected to."""


async def resolve(host: str, port: int) -> list[str]:
    """Return the allowed addresses of a host, in the system's order; an address stands for itself.

    Raises socket.gaierror when the name has none, BlockedAddressError when it has only forbidden ones.
    """
    try:
        found = [str(ip_address(host))]
    except ValueError:
        found = await _look_up(host, port)
    refusals = {address: addresses.refusal(address) for address in found}
    allowed = [address for address, refusal in refusals.items() if not refusal]
    if not allowed:
        raise BlockedAddressError(next(iter(refusals.values())))
    return allowed


async def _look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver in a thread of its own.

    A resolver can hang for half a minute. The loop's own thread pool would be used up by a few such names, and
    would be waited for when the program ends; a daemon thread is simply left behind.
    """
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[list[str]] = loop.create_future()

    def tell(found: list[str], error: OSError | UnicodeError | None) -> None:
        if answered.done():
            return
        if error is None:
            answered.set_result(found)
        else:
            answered.set_exception(error)

    def ask() -> None:
        found: list[str] = []
        failure: OSError | UnicodeError | None = None
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            failure = error
        try:
            loop.call_soon_threadsafe(tell, found, failure)
        except RuntimeError:
            return  # the loop has been closed meanwhile: nobody waits for the answer

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    return await answered
