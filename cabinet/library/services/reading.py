"""What a page shows of materials: cards of a list, the page of one, what its author is to do next."""

from typing import Any

from django.urls import reverse

from cabinet.core.words import plural
from cabinet.library.models import Collection, Material, MaterialVersion
from cabinet.library.services import hooks, searching
from cabinet.library.services.collections import offered
from cabinet.library.services.offering import is_keeper, lacks
from cabinet.users.models import LogEntry, User, only_observes

State = Material.State
VersionState = MaterialVersion.State
LOGGED = 20
COLLECTIONS = 10


def use_words(pks: list[int]) -> dict[int, str]:
    """Material id → «в 14 маршрутах, в 2 событиях»; those in none are not there."""
    said: dict[int, list[str]] = {}
    for forms, counts in hooks.usages_of(pks):
        for pk, count in counts.items():
            if count:
                one, few, many = forms.split(",")
                said.setdefault(pk, []).append(f"в {count}\u00a0{plural(count, one, few, many)}")
    return {pk: ", ".join(words) for pk, words in said.items()}


def cards(found: list[Any], wanted: list[str], matching: hooks.Matching | None, user: User) -> list[dict[str, Any]]:
    """Of a page's rows, or of their numbers in order."""
    pks = [one if isinstance(one, int) else one.pk for one in found]
    rows = Material.objects.filter(pk__in=pks).with_names().in_bulk()
    uses = use_words(pks)
    sees_people = not only_observes(user)
    return [_card(rows[pk], wanted, matching, uses.get(pk, ""), sees_people) for pk in pks if pk in rows]


def _card(
    material: Material, wanted: list[str], matching: hooks.Matching | None, use: str, sees_people: bool
) -> dict[str, Any]:
    return {
        "material": material,
        "title": searching.pieces(material.title, wanted),
        "excerpt": searching.excerpt(material.summary, wanted),
        "found_in": searching.found_in(material, wanted, sees_people) if wanted else [],
        "reasons": searching.reasons(material, matching) if matching else [],
        "use": use,
        "sees_people": sees_people,
    }


def own_cards(found: list[Material]) -> list[dict[str, Any]]:
    """One's own: in what state, what is to be done next, how it is used."""
    uses = use_words([one.pk for one in found])
    rows = MaterialVersion.objects.filter(material__in=found).select_related("file").order_by("number")
    latest = {one.material_id: one for one in rows}  # the last of each
    cards = []
    for material in found:
        last = latest.get(material.pk)
        coming = last if last and last.state != VersionState.PUBLISHED else None
        cards.append({"material": material, "next": next_of(material, coming, last), "use": uses.get(material.pk, "")})
    return cards


def page_of(material: Material, user: User) -> dict[str, Any]:
    """Everything the page of a material (`with_content`) shows this reader."""
    keeps, owns = is_keeper(user), material.owner_id == user.pk
    is_open = material.is_published
    history = list(material.versions.select_related("author", "file__preview")) if keeps or owns else []
    coming = next((one for one in history if one.state != VersionState.PUBLISHED), None)  # there is one at most
    shown = material.current or coming
    return {
        "material": material,
        "shown": shown,
        "coming": coming if material.current_id else None,
        "keeps": keeps,
        "owns": owns,
        "sees_people": not only_observes(user),
        "next": (next_of(material, coming) if owns else None) or (_of_keeper(material, coming) if keeps else None),
        "link_advice": _link_advice(owns=owns, keeps=keeps),
        "use": use_words([material.pk]).get(material.pk, ""),
        "actions": hooks.actions_of(material, user) if is_open else [],
        "places": hooks.places_of(material, user),
        "collections": list(Collection.objects.visible_to(user).filter(materials=material)[:COLLECTIONS]),
        "shelves": list(offered(user, material)) if is_open else [],
        "similar": searching.similar(material, Material.objects.published()) if is_open else [],
        "versions": history,
        "entries": entries_of(material) if keeps or owns else [],
    }


def _link_advice(*, owns: bool, keeps: bool) -> str:
    """What to do about a link that does not open: who can mend it is told how."""
    if keeps:
        return "Читатели видят это предупреждение."
    if owns:
        return "Если страница переехала, предложите новую версию с другим адресом. Хранитель тоже знает."
    return "Хранитель библиотеки об этом знает. Попробуйте позже."


def entries_of(material: Material) -> list[dict[str, Any]]:
    """What happened to it, the newest first, as `components/history.html` shows it."""
    about = LogEntry.objects.filter(
        about_type__app_label="library",
        about_type__model="material",
        about_id=material.pk,
        action__in=(LogEntry.Action.MOVED, LogEntry.Action.CHANGED),
    )
    rows = about.select_related("actor")[:LOGGED]
    return [
        {"at": one.at, "who": one.actor.short_name if one.actor else "", "title": one.note, "text": ""} for one in rows
    ]


def next_of(
    material: Material, coming: MaterialVersion | None, last: MaterialVersion | None = None
) -> dict[str, str] | None:
    """What its author is to do, as `components/next.html` shows it; None when nothing is asked of him."""
    if material.state in (State.DRAFT, State.RETURNED):
        return _of_draft(material, last or coming)
    if material.state == State.OFFERED:
        note = "О решении придёт письмо. Пока ждёте, предложение можно отозвать."
        return _step("Ждёт решения хранителя", note, waits=True)
    if not material.is_published or coming is None:
        return None
    address = reverse("library:version", args=[material.pk, coming.number])
    if coming.state == VersionState.OFFERED:
        note = "О решении придёт письмо. Коллегам пока открывается прежняя."
        return _step("Новая версия ждёт решения", note, address, "Посмотреть", waits=True)
    if coming.state == VersionState.RETURNED:
        edit = reverse("library:version_edit", args=[material.pk])
        return _step("Новую версию вернули", f"Хранитель просит: {material.decision}", edit, "Поправить")
    return _step("Новая версия не предложена", "Посмотрите, как она выглядит, и предложите.", address, "Посмотреть")


def _step(title: str, note: str = "", address: str = "", label: str = "", *, waits: bool = False) -> dict[str, str]:
    eyebrow = "Ход за хранителем" if waits else "Следующий шаг"
    return {"eyebrow": eyebrow, "title": title, "note": note, "action_url": address, "action_label": label}


def _of_draft(material: Material, last: MaterialVersion | None) -> dict[str, str]:
    edit = reverse("library:edit", args=[material.pk])
    if material.state == State.RETURNED:
        return _step("Поправьте и предложите ещё раз", f"Хранитель просит: {material.decision}", edit, "Поправить")
    missing = lacks(material, last)
    if missing:
        return _step("Допишите черновик", f"Осталось: {', '.join(missing)}.", edit, "Продолжить")
    note = "Так его увидят коллеги. Если всё верно, предложите: хранитель посмотрит и ответит письмом."
    offer = reverse("library:offer", args=[material.pk])
    return _step("Предложите материал в библиотеку", note, offer, "Предложить")


def _of_keeper(material: Material, coming: MaterialVersion | None) -> dict[str, str] | None:
    address = reverse("library:decide", args=[material.pk])
    if material.state == State.OFFERED:
        return _step("Материал ждёт вашего решения", "", address, "Решить")
    if material.is_published and coming and coming.state == VersionState.OFFERED:
        return _step("Новая версия ждёт вашего решения", "", address, "Решить")
    if material.link_state == Material.LinkState.BROKEN and material.is_published:
        relink = reverse("library:relink", args=[material.pk])
        return _step("Укажите новый адрес", material.link_error, relink, "Изменить ссылку")
    return None
