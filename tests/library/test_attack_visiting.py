"""Addresses of IPv6 that carry one of our own network inside them."""

from ipaddress import ip_address

import pytest

from cabinet.library.services.visiting import is_public


@pytest.mark.parametrize("inside", ["64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "::127.0.0.1", "fec0::1"])
def test_an_inner_address_in_a_public_one(inside: str) -> None:
    assert not is_public(ip_address(inside))
