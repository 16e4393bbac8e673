"""allauth without open registration; its letters go through the outbox like all others."""

import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.template.loader import render_to_string

from cabinet.mail.models import Letter
from cabinet.mail.services import queue_letter
from cabinet.users.models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from the institute's lists, never from a form."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox, for people we know; an address typed by a stranger gets nothing."""
        user = User.objects.filter(email=email.lower(), is_active=True).first()
        if user is None:
            return
        context = {"user": user, **context}
        queue_letter(
            # Every code is an event of its own.
            key=f"account.{user.pk}.{secrets.token_hex(8)}",
            kind=Letter.LOGIN + template_prefix.rpartition("/")[2],
            to=user,
            subject=render_to_string(f"{template_prefix}_subject.txt", context),
            body=render_to_string(f"{template_prefix}_message.txt", context).strip(),
            address=email.lower(),
        )
