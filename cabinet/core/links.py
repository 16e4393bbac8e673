"""Personal links: a random public id and its signature, 132 bits each; the database alone gives nobody a link."""

import hmac
import logging
import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from django.conf import settings

PART = 22  # characters of URL-safe base64: 132 bits
_LINK = re.compile(rf"[\w-]{{{2 * PART}}}", re.ASCII)


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
    return (link[:PART], link[PART:]) if _LINK.fullmatch(link) else None


def is_signed(public_id: str, version: int, given: str) -> bool:
    return hmac.compare_digest(signature(public_id, version), given)


_SHOWN = 6  # signs of a link in a log: enough to tell two apart
_IN_TEXT = re.compile(rf"(/(?:s|calendar/feed|polls/a)/[\w-]{{{_SHOWN}}})[\w-]{{{2 * PART - _SHOWN}}}", re.ASCII)


class HideLinks(logging.Filter):
    """Whoever reads the log must not be able to answer for a teacher, or to read somebody's calendar: Django writes the
    address of each refusal."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _IN_TEXT.sub(r"\1…", record.getMessage()), ()
        return True


# --- Short codes: what is typed by hand from a printed slip -------------------------------------------------------

# Signs that look alike on a Latin and on a Russian keyboard, so that nobody has to switch; neither 0 nor 1, and no 8
# beside B. 18⁹ codes are 37 bits: enough because wrong tries are counted (motor/views/codes.py), and only because.
CODE_SIGNS = "2345679ABCEHKMPTXY"
CODE_LENGTH = 9
_LOOK_ALIKE = str.maketrans("АВСЕНКМРТХУЗ8", "ABCEHKMPTXY3B")


def make_code(public_id: str, version: int, salt: int) -> str:
    """The code of a link, as it is typed: nine signs without dashes."""
    number = int.from_bytes(_keyed(f"code.{public_id}.{version}.{salt}")[:16])
    signs = ""
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(CODE_SIGNS))
        signs += CODE_SIGNS[place]
    return signs


def show_code(code: str) -> str:
    """«K7M-2XP-94A», as it is printed."""
    return "-".join(code[at : at + 3] for at in range(0, len(code), 3))


def read_code(typed: str) -> str:
    """What was typed, without spaces and dashes, by its looks: small as capital, Russian as Latin."""
    return "".join(one for one in typed[:100].upper().translate(_LOOK_ALIKE) if one.isalnum())


def code_digest(code: str) -> str:
    """What the database keeps of a code."""
    return urlsafe_b64encode(_keyed(f"digest.{code}")).decode()[:PART]


def _keyed(text: str) -> bytes:
    return hmac.new(settings.LINK_PEPPER.encode(), text.encode(), sha256).digest()
