"""Templates of routes: made from a route without what is personal, changed by versions, retired and brought back."""

from typing import Any

from django.db import transaction
from django.db.models import Count, F, Prefetch
from django.utils import timezone

from cabinet.core.search import lemmas
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Role, User
from cabinet.users.services import record
from iom.models import RouteTemplate, TemplateQuerySet, TemplateVersion
from iom.moves import Refused

Scope = RouteTemplate.Scope

# --- Who may put a template where -------------------------------------------------------------------------------


def places_of(user: User, template: RouteTemplate | None = None) -> list[tuple[str, str]]:
    """«own», «region», and «organization:12» for every organization one is a methodist or the head of.

    A template of somebody else stays out of «own»: it would be its owner's alone. It may stay where it is.
    """
    places = [(str(Scope.OWN), "только я")] if template is None or template.owner_id == user.pk else []
    posts = (Role.METHODIST, Role.HEAD)
    at = {one.organization_id for one in user.active_memberships if one.role in posts and one.organization_id}
    for one in Organization.objects.filter(pk__in=at).order_by("name"):
        places.append((f"{Scope.ORGANIZATION}:{one.pk}", f"все в организации: {one}"))
    if "admin" in user.roles:
        places.append((str(Scope.REGION), "все в регионе"))
    if template is not None and place_of(template) not in dict(places):
        places.insert(0, (place_of(template), f"как сейчас: {template.organization or template.get_scope_display()}"))
    return places


def place_of(template: RouteTemplate) -> str:
    return f"{template.scope}:{template.organization_id}" if template.organization_id else template.scope


@transaction.atomic
def save_template(
    template: RouteTemplate | None, values: dict[str, Any], place: str, content: dict[str, Any], *, actor: User
) -> RouteTemplate:
    """A new template, or the next version of one; former versions stay as they are."""
    scope, _, organization = place.partition(":")
    fields = values | {"scope": scope, "organization_id": int(organization) if organization else None}
    if template is None:
        made = RouteTemplate.objects.create(owner=actor, **fields)
    else:
        made = RouteTemplate.objects.select_for_update(no_key=True, of=("self",)).get(pk=template.pk)
        if made.version != template.version:
            raise Refused("Шаблон тем временем изменил другой человек. Сравните с его новой версией и сохраните снова.")
        made.version += 1
        for name, value in fields.items():
            setattr(made, name, value)
        made.save()
    TemplateVersion.objects.create(template=made, number=made.version, content=content, author=actor)
    record(LogEntry.Action.CHANGED, actor=actor, about=made, note=f"шаблон маршрута, версия {made.version}")
    return made


def set_retired(template: RouteTemplate, *, is_retired: bool, actor: User) -> None:
    RouteTemplate.objects.filter(pk=template.pk).update(retired_at=timezone.now() if is_retired else None)
    note = "шаблон больше не предлагается" if is_retired else "шаблон снова предлагается"
    record(LogEntry.Action.CHANGED, actor=actor, about=template, note=note)


# --- The list ---------------------------------------------------------------------------------------------------


def with_uses(templates: TemplateQuerySet) -> TemplateQuerySet:
    counted = templates.select_related("subject", "organization", "owner")
    return counted.annotate(uses=Count("versions__routes", distinct=True)).order_by("title", "pk")


def search(templates: TemplateQuerySet, text: str) -> list[RouteTemplate]:
    """Every word in whatever form: «дефицит» finds «дефициты». Templates are few; their own words are looked at."""
    wanted = lemmas(text)
    latest = TemplateVersion.objects.filter(number=F("template__version"))
    found = templates.prefetch_related(Prefetch("versions", latest))
    return [one for one in found if all(any(w.startswith(asked) for w in _words(one)) for asked in wanted)]


def _words(one: RouteTemplate) -> list[str]:
    deficits = [text for version in one.versions.all() for text in version.content.get("deficits", [])]
    return lemmas(" ".join([one.title, one.deficit, one.note, str(one.subject or ""), *deficits]))
