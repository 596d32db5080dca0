"""Addresses: which of them a delivery may connect to.

Receivers often live on the same machine or network, so loopback and private addresses are allowed. Link-local ones
are where clouds keep their machines' credentials; they, multicast and unspecified ones never are. What counts is
the address that is connected to, not the name it came from.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

_NAT64 = 0x0064FF9B << 96
"""``64:ff9b::/96``: the last 32 bits are the IPv4 address that a gateway connects to."""


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
