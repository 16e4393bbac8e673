"""Prints the demo's logins, for `make run` and for whoever shows the cabinet."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cabinet.home.demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from cabinet.users.models import User


class Command(BaseCommand):
    help = "Печатает входы демонстрационных данных: роль, почта, что там видно."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO:
            return
        known = set(User.objects.filter(email__in=[one.email for one in DEMO_LOGINS]).values_list("email", flat=True))
        logins = [one for one in DEMO_LOGINS if one.email in known]
        if not logins:
            return
        self.stdout.write(f"Демонстрационные входы, пароль для всех один: {DEMO_PASSWORD}")
        for one in logins:
            self.stdout.write(f"  {one.email:<28} {one.role} — {one.sees}")
