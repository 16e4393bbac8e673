"""What the admin's role may do in the Django admin."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from cabinet.users.models import User


class RoleBackend(ModelBackend):
    """Staff with the admin's role have every permission there; passwords are checked elsewhere."""

    def authenticate(self, request: HttpRequest | None, *args: Any, **kwargs: Any) -> None:
        return None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return _runs_admin(user_obj) or super().has_perm(user_obj, perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return _runs_admin(user_obj) or super().has_module_perms(user_obj, app_label)


def _runs_admin(user: Any) -> bool:
    return isinstance(user, User) and user.is_active and user.is_staff and "admin" in user.roles
