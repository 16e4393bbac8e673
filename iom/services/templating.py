"""Templates of routes: made from a route without what is personal, changed by versions, retired and brought back."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from cabinet.core.search import lemmas
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Role, User
from cabinet.users.services import record
from iom.models import Route, RouteTemplate, TemplateQuerySet, TemplateVersion
from iom.moves import Refused

Content = dict[str, Any]
Scope = RouteTemplate.Scope

CONTACTS = (
    ("почта", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("телефон", re.compile(r"(?<![\d-])(?:\+7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)")),
    (
        "страница человека",
        re.compile(r"(?:https?://)?(?:www\.|m\.)?(?:vk\.com|vk\.ru|t\.me|ok\.ru)/\S+", re.IGNORECASE),
    ),
)
_LETTER = "а-яёА-ЯЁ"


@dataclass(frozen=True)
class Found:
    """`text` holds `what` from `start` to `end`; `instead` takes its place."""

    text: str
    start: int
    end: int
    kind: str
    instead: str

    @property
    def parts(self) -> tuple[str, str, str]:
        return self.text[: self.start], self.text[self.start : self.end], self.text[self.end :]


Pattern = tuple[str, "re.Pattern[str]", str]


def patterns_of(route: Route | None) -> list[Pattern]:
    """What is personal in a route's text: its people in any case, its organization, addresses and phones."""
    found: list[Pattern] = []
    if route is not None:
        helper = route.rma_member.user if route.rma_member else None
        for person, word in ((route.person, "педагог"), (route.mentor, "наставник"), (helper, "методист РМА")):
            if person is not None:
                found.append(("имя", _name(person), word))
        for name in {route.organization.name, str(route.organization)}:
            found.append(("организация", re.compile(re.escape(name), re.IGNORECASE), "организация"))
    return found + [(kind, pattern, "") for kind, pattern in CONTACTS]


def _name(person: User) -> "re.Pattern[str]":
    """The surname in any case, with the first name, patronymic or initials around it."""
    surname = person.last_name
    stem = re.escape(surname[:-2] if len(surname) > 5 else surname[:-1] if len(surname) > 3 else surname)
    given = "|".join(
        re.escape(one[: max(3, len(one) - 1)]) + f"[{_LETTER}]{{0,3}}"
        for one in (person.first_name, person.patronymic)
        if one
    )
    part = rf"(?:{given}|[А-ЯЁ]\.)" if given else r"(?:[А-ЯЁ]\.)"
    word = rf"(?<![{_LETTER}]){stem}[{_LETTER}\d-]{{0,5}}(?![{_LETTER}])"
    return re.compile(rf"(?:{part}\s*){{0,2}}{word}(?:\s*{part}){{0,2}}")


def texts_of(content: Content) -> Iterator[str]:
    yield content.get("aim", "")
    yield from content.get("deficits", [])
    for goal in content.get("goals", []):
        yield goal["text"]
    for item in content.get("items", []):
        yield item["activity"]
        yield item.get("product", "")
        for extra in item.get("attachments", []):
            yield extra["title"]
            yield extra.get("link", "")


def personal_in(texts: Iterable[str], patterns: list[Pattern]) -> list[Found]:
    """Everything personal, in the order of the texts; the same place is named once."""
    found = []
    for text in texts:
        taken: list[Found] = []
        for kind, pattern, instead in patterns:
            for hit in pattern.finditer(text):
                if hit.start() < hit.end() and not any(
                    one.start < hit.end() and hit.start() < one.end for one in taken
                ):
                    taken.append(Found(text, hit.start(), hit.end(), kind, instead))
        found += sorted(taken, key=lambda one: one.start)
    return found


def without_personal(content: Content, patterns: list[Pattern]) -> Content:
    """A copy with every find replaced by a plain word; the author looks it through before it is saved."""

    def clean(text: str) -> str:
        for one in reversed(personal_in([text], patterns)):
            text = text[: one.start] + one.instead + text[one.end :]
        return " ".join(text.split())

    made = deepcopy(content)
    made["aim"] = clean(made.get("aim", ""))
    made["deficits"] = [clean(one) for one in made.get("deficits", [])]
    for goal in made.get("goals", []):
        goal["text"] = clean(goal["text"])
    for item in made.get("items", []):
        item["activity"], item["product"] = clean(item["activity"]), clean(item.get("product", ""))
        for extra in item.get("attachments", []):
            extra["title"], extra["link"] = clean(extra["title"]), clean(extra.get("link", ""))
    return made


# --- Who may put a template where -------------------------------------------------------------------------------


def places_of(user: User) -> list[tuple[str, str]]:
    """«own», «region», and «organization:12» for every organization one is a methodist or the head of."""
    places = [(str(Scope.OWN), "мой: вижу только я")]
    posts = (Role.METHODIST, Role.HEAD)
    at = {one.organization_id for one in user.active_memberships if one.role in posts and one.organization_id}
    for one in Organization.objects.filter(pk__in=at).order_by("name"):
        places.append((f"{Scope.ORGANIZATION}:{one.pk}", f"организации: {one}"))
    if "admin" in user.roles:
        places.append((str(Scope.REGION), "региона: видят все"))
    return places


def place_of(template: RouteTemplate) -> str:
    return f"{template.scope}:{template.organization_id}" if template.organization_id else template.scope


@transaction.atomic
def save_template(
    template: RouteTemplate | None, values: dict[str, Any], place: str, content: Content, *, actor: User
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


def search(templates: Iterable[RouteTemplate], text: str) -> list[RouteTemplate]:
    """Every word in whatever form: «дефицит» finds «дефициты». Templates are few; their own words are looked at."""
    wanted = lemmas(text)
    return [one for one in templates if all(any(w.startswith(asked) for w in _words(one)) for asked in wanted)]


def _words(one: RouteTemplate) -> list[str]:
    return lemmas(f"{one.title} {one.deficit} {one.note} {one.subject or ''}")
