"""Letters to whoever brought a material: one for each decision on it."""

from django.conf import settings

from cabinet.library.models import Material
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import compose
from cabinet.users.models import User


def tell_owner(code: str, material: Material, actor: User, words: str = "") -> None:
    """Nobody is written to about what he decided himself. `material.version` rises with every move: one letter each."""
    owner = material.owner
    if owner is None or owner.pk == actor.pk:
        return
    values = {
        "имя": owner.polite_name,
        "название": material.title,
        "комментарий": words,
        "адрес": settings.SITE_URL + material.get_absolute_url(),
    }
    kind = f"library.{code}"
    subject, body = compose(kind, values)
    key = f"{kind}.{material.pk}.{material.version}"
    queue_letter(key=key, kind=kind, to=owner, subject=subject, body=body, about=material)
