"""Personal links: a random public id and its signature, 132 bits each; the database alone gives nobody a link."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from django.conf import settings

PART = 22  # characters of URL-safe base64: 132 bits


def new_public_id() -> str:
    """16 random bytes as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


def signature(public_id: str, version: int) -> str:
    digest = hmac.new(settings.LINK_PEPPER.encode(), f"{public_id}.{version}".encode(), sha256).digest()
    return urlsafe_b64encode(digest).decode()[:PART]


def make_link(public_id: str, version: int) -> str:
    return public_id + signature(public_id, version)


def split_link(link: str) -> tuple[str, str] | None:
    """(public id, signature) or None when the text cannot be a link at all."""
    return (link[:PART], link[PART:]) if len(link) == 2 * PART and link.isascii() else None


def is_signed(public_id: str, version: int, given: str) -> bool:
    return hmac.compare_digest(signature(public_id, version), given)
