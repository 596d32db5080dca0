"""Which addresses may be connected to."""

import pytest

from kbtui.webhooks import addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.9",
        "192.168.1.5",
        "100.64.0.1",
        "8.8.8.8",
        "::1",
        "fd00::5",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "64:ff9b::8.8.8.8",
        "169.253.255.255",
        "223.255.255.255",
    ],
)
def test_loopback_private_and_public_addresses_are_allowed(address: str) -> None:
    assert addresses.refusal(address) == ""


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("169.254.169.254", "link-local"),
        ("169.254.0.0", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%lo", "link-local"),
        ("febf::1", "link-local"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("255.255.255.255", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("::", "unspecified"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::ffff:0.0.0.0", "unspecified"),
        ("::169.254.169.254", "link-local"),
        ("2002:a9fe:a9fe::1", "link-local"),
        ("64:ff9b::169.254.169.254", "link-local"),
        ("::ffff:224.0.0.1", "multicast"),
    ],
)
def test_link_local_multicast_and_unspecified_addresses_never_are(address: str, kind: str) -> None:
    refusal = addresses.refusal(address)

    assert address in refusal
    assert kind in refusal
