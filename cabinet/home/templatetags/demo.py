"""What the login page says of the demo."""

from django import template
from django.conf import settings

from cabinet.home.demo.logins import DEMO_LOGINS, DEMO_PASSWORD, DemoLogin
from cabinet.users.models import User

register = template.Library()


@register.simple_tag
def demo_logins() -> tuple[DemoLogin, ...]:
    """{% demo_logins as logins %}: `role`, `email`, `sees` of each; empty unless this is a seeded demo."""
    if not settings.IS_DEMO or not User.objects.filter(email=DEMO_LOGINS[0].email).exists():
        return ()
    return DEMO_LOGINS


@register.simple_tag
def demo_password() -> str:
    return DEMO_PASSWORD if settings.IS_DEMO else ""
