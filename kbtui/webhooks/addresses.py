"""Addresses: from a host's name to those that a delivery may connect to.

Receivers often live on the same machine or network, so loopback and private addresses are allowed. Link-local ones
are where clouds keep their machines' credentials; they, multicast and unspecified ones never are. What counts is
the address that is connected to, not the name it came from.
"""

import asyncio
import socket
import threading
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from kbtui.errors import KbtuiError

Address = IPv4Address | IPv6Address

_NAT64 = 0x0064FF9B << 96
"""``64:ff9b::/96``: the last 32 bits are the IPv4 address that a gateway connects to."""


class BlockedAddressError(KbtuiError):
    """A name stands for an address that is never connected to."""


@lru_cache(maxsize=256)
def refusal(text: str) -> str:
    """Return why nothing may be sent to an address, as a sentence; an empty text when it may."""
    address = ip_address(text.partition("%")[0])
    for form in (address, *_embedded(address)):
        kind = _forbidden_kind(form)
        if kind:
            return f"{text} is {kind} address; kbtui never connects to those."
    return ""


def _forbidden_kind(address: Address) -> str:
    if address.is_unspecified or (address.version == 4 and address.packed[0] == 0):
        return "an unspecified"
    if address.is_link_local:
        return "a link-local"
    if address.is_multicast or str(address) == "255.255.255.255":
        return "a multicast"
    return ""


def _embedded(address: Address) -> tuple[Address, ...]:
    """Return the IPv4 addresses that an IPv6 address stands for: mapped, 6to4, NAT64, compatible."""
    if isinstance(address, IPv4Address):
        return ()
    number = int(address)
    found: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    if number >> 32 == _NAT64 >> 32 or (number >> 32 == 0 and number > 1):
        found.append(IPv4Address(number & 0xFFFFFFFF))
    return tuple(each for each in found if each is not None)


async def resolve(host: str, port: int) -> list[str]:
    """Return the allowed addresses of a host, in the system's order; an address stands for itself.

    Raises socket.gaierror when the name has none, BlockedAddressError when it has only forbidden ones.
    """
    try:
        found = [str(ip_address(host))]
    except ValueError:
        found = await _look_up(host, port)
    refusals = {address: refusal(address) for address in found}
    allowed = [address for address, reason in refusals.items() if not reason]
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
