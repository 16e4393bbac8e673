"""Two cards of one person made one: nothing is lost, and the second card stays, closed, with its part of the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q, QuerySet

from cabinet.core.relations import Pointer
from cabinet.courses.models import Completion
from cabinet.home.services.merging import (
    Clash,
    MergeRefused,
    Plan,
    bring_over,
    fold_rows,
    join_roles,
    refuse_while_importing,
    remember_pairs,
    survey,
)
from cabinet.home.services.merging_communities import join_members, join_terms, tell_members
from cabinet.home.services.merging_members import join_member_cards
from cabinet.planner.models import Participation
from cabinet.planner.services.merging import join_participations
from cabinet.polls.models import Participant
from cabinet.polls.services.merging import join_participants
from cabinet.users.models import CommunityMember, LogEntry, Membership, PersonPair, User, UserQuerySet
from cabinet.users.services import record, with_former
from iom.models import Route
from iom.services.indexing import index
from motor.models import Case
from motor.services.merging import Doubled, asked_about_himself, compare, hand_up, settle, touch_all
from rma.models import Member

if TYPE_CHECKING:
    from django.http import HttpRequest

# What is chosen value by value where the cards differ; the login is chosen with its password and second factor.
FIELDS = (
    "last_name",
    "first_name",
    "patronymic",
    "organization",
    "position",
    "subject",
    "email",
    "contact_email",
    "phone",
)
COMPLETION = ("position", "subject", "hours", "starts_on")
LISTED = 5  # cases named one by one; beyond that a number says enough


def mergeable() -> UserQuerySet:
    return User.objects.filter(merged_into=None)


def named(people: UserQuerySet, text: str) -> UserQuerySet:
    return people.search(text)


def differing(keep: User, drop: User) -> list[str]:
    """Fields where the two say different things."""
    return [name for name in FIELDS if _value(keep, name) != _value(drop, name)]


def default_for(name: str, keep: User, drop: User) -> User:
    """Whose value to offer: that of the card that stays, unless it is empty or an initial."""
    own, other = _value(keep, name), _value(drop, name)
    if name in ("first_name", "patronymic") and len(str(own or "").strip(".")) <= 1 < len(str(other or "").strip(".")):
        return drop
    return drop if not own and other else keep


def _value(person: User, name: str) -> Any:
    value = getattr(person, f"{name}_id" if name in ("organization", "position", "subject") else name)
    return value or None


def prefer(first: User, second: User) -> User:
    """Which card to offer to keep: the one that opens a login, is in use, has no initials, is the elder."""

    def worth(person: User) -> tuple[bool, bool, bool, bool, int]:
        is_full = min(len(person.first_name.strip(".")), len(person.patronymic.strip("."))) > 1
        return (person.email is not None, person.is_active, person.last_login is not None, is_full, -person.pk)

    return max(first, second, key=worth)


def plan_people(keep: User, drop: User, *, actor: User) -> Plan:
    """What a merge would do. Reads only, in a number of queries that does not depend on the rows."""
    plan = Plan(keep, drop)
    plan.refusals = [*_refusals(keep, drop, actor)]
    survey(plan)
    for two in _doubled(plan):
        _tell_completion(plan, two)
    _tell_roles(plan)
    _tell_cases(plan)
    if drop.is_staff and not keep.is_staff:
        plan.warnings.append(
            "Вход в администрирование открыт только у второй карточки. При объединении он не переносится."
        )
    return plan


def _refusals(keep: User, drop: User, actor: User) -> list[str]:
    said = []
    if keep.pk == drop.pk:
        said.append("Это одна и та же карточка.")
    for one in (keep, drop):
        if one.merged_into_id:
            said.append(f"Карточка «{one.full_name}» уже объединена с другой.")
    if drop.pk == actor.pk:
        said.append("Закрыть собственную карточку нельзя: оставьте её, а закройте другую.")
    running = list(Route.objects.running().filter(person__in=(keep, drop)).order_by("pk"))
    if len(running) > 1:
        names = " и ".join(f"«{one.title}»" for one in running)
        said.append(f"У обеих карточек есть действующий маршрут: {names}. Завершите один или уберите его в архив.")
    # Otherwise the login of somebody with more rights could be taken over by means of a merge.
    if (keep.is_superuser or drop.is_superuser) and not actor.is_superuser:
        said.append("Одна из карточек имеет все права: объединить её может только администратор со всеми правами.")
    elif (keep.is_staff or drop.is_staff) and not actor.is_staff:
        said.append("Одна из карточек входит в администрирование: объединить её может тот, кто тоже туда входит.")
    return said


def _doubled(plan: Plan) -> list[Doubled]:
    met = _met(plan, Completion, "person")
    rows = Completion.objects.select_related("course__programme").in_bulk([*met, *met.values()]) if met else {}
    return compare((rows[own], rows[other]) for other, own in met.items())


def _met(plan: Plan, model: type[Any], name: str) -> dict[int, int]:
    return next((met for one, met in plan.collisions.items() if one.model is model and one.field == name), {})


def _tell_completion(plan: Plan, two: Doubled) -> None:
    what = f"Курс «{two.kept.course.programme}», окончен {two.kept.course.ends_on:%d.%m.%Y}, есть в обеих карточках"
    result = ["Останется одно прохождение."]
    result += [f"Карта № {case.pk} перейдёт к нему со всей историей." for case in two.moved]
    result += [f"Карта № {case.pk} ещё не открывалась, второй такой не нужно: она уйдёт." for case in two.erased]
    result += [
        f"Карта № {rest.pk} ({rest.get_status_display()}) останется в закрытой карточке и в реестре."
        for _, rest in two.left
    ]
    plan.clashes.append(Clash(what, " ".join(result)))
    for best, rest in two.refused:
        plan.refusals.append(
            f"По курсу «{two.kept.course.programme}» открыты две карты: № {best.pk} ({best.get_status_display()}) и "
            f"№ {rest.pk} ({rest.get_status_display()}). Прекратите отслеживание по карте № {rest.pk} и вернитесь сюда."
        )


def _tell_roles(plan: Plan) -> None:
    for pointer, met in plan.collisions.items():
        if pointer.model is Membership:
            for one in Membership.objects.filter(pk__in=met).select_related("organization", "municipality", "person"):
                plan.clashes.append(
                    Clash(f"Роль «{one}» есть у обеих карточек", "Останется одна, с более ранней даты.")
                )
        elif pointer.model is Member:
            result = "Останется одна; запросы, работа, показатели и приказы второй перейдут к ней."
            plan.clashes.append(Clash("Две карточки методиста РМА", result))
        elif pointer.model is Participant:
            result = "Останется одна отметка; если ответили с любой из них, человек ответил."
            plan.clashes.append(Clash("Обе карточки спрошены в одном опросе", result))
        elif pointer.model is Participation:
            result = "Останется одна запись: более определённый ответ и отметка о приходе."
            plan.clashes.append(Clash("Обе карточки в одном событии", result))
        elif pointer.model not in (Completion, CommunityMember) and not pointer.is_link:
            plan.clashes.append(_stays(pointer, len(met)))
    tell_members(plan)
    for pointer, pks in plan.staying.items():
        plan.clashes.append(_stays(pointer, len(pks)))
    if plan.has(Membership, "person") and _mentoring(plan).exists():
        plan.clashes.append(
            Clash("Одна карточка — наставник другой", "Эта роль уйдёт: наставником самому себе не быть.")
        )


def _mentoring(plan: Plan) -> QuerySet[Membership]:
    """Roles by which one of the two is the other's mentor."""
    return Membership.objects.filter(Q(user=plan.keep, person=plan.drop) | Q(user=plan.drop, person=plan.keep))


def _stays(pointer: Pointer, count: int) -> Clash:
    what = f"{pointer.model._meta.verbose_name_plural}: такое же есть у обеих ({count})"
    return Clash(what[:1].upper() + what[1:], "Второе останется записанным в закрытой карточке.")


def _tell_cases(plan: Plan) -> None:
    both = (plan.keep.pk, plan.drop.pk)
    cases = Case.objects.filter(person__in=both, status__in=Case.UNDER_WAY).order_by("pk")
    open_cases = list(cases.values_list("pk", "responsible")) if plan.has(Case, "person") else []
    if len(open_cases) > 1:
        plan.warnings.append(
            f"У человека окажется несколько открытых карт ({_numbers(pk for pk, _ in open_cases)}). Все они дойдут до "
            "конца, а новая подождёт, пока открытых не останется."
        )
    if own := [pk for pk, responsible in open_cases if responsible in both]:
        plan.warnings.append(
            f"Человек оказался бы ответственным за самого себя ({_numbers(own)}). Эти карты перейдут следующему "
            "ответственному."
        )
    for request in asked_about_himself(plan.keep, plan.drop) if plan.has(Member, "user") else ():
        case = isinstance(request.source, Case)
        where = f"В карте № {request.source_id}" if case else f"В запросе № {request.pk}"
        plan.refusals.append(
            f"{where} методист РМА и педагог — эти же две карточки. Назовите другого методиста РМА и вернитесь сюда."
        )


def _numbers(pks: Iterable[int]) -> str:
    listed = list(pks)
    more = f" и ещё {len(listed) - LISTED}" if len(listed) > LISTED else ""
    return ", ".join(f"№ {pk}" for pk in listed[:LISTED]) + more


def doubts(first: User, second: User) -> list[str]:
    """What speaks against the two being one person."""
    said = []
    if first.organization_id and second.organization_id and first.organization_id != second.organization_id:
        said.append("разные организации")
    if first.email and second.email:
        said.append("у обеих карточек есть вход")
    if first.position_id and second.position_id and first.position_id != second.position_id:
        said.append("разные должности")
    if first.subject_id and second.subject_id and first.subject_id != second.subject_id:
        said.append("разные предметы")
    return said


# --- Doing it ------------------------------------------------------------------------------------------------


@transaction.atomic
def merge_people(
    keep: User, drop: User, take: Mapping[str, int], *, actor: User, seen: str, request: HttpRequest | None = None
) -> User:
    """Make two cards one. `take`: field → id of the card whose value stays. `seen`: fingerprint of the plan shown.

    Raises MergeRefused and changes nothing when the two may not be merged, are merged already, or are no longer
    what the person who confirms was shown.
    """
    refuse_while_importing()
    # NO KEY: who writes about the person meanwhile need not wait, and we might wait for him.
    locked = User.objects.select_for_update(no_key=True).order_by("pk").in_bulk([keep.pk, drop.pk])
    keep, drop = locked[keep.pk], locked[drop.pk]
    # A case that opens between the look and the act would be taken for one that never began.
    list(Case.objects.select_for_update(no_key=True).filter(person__in=(keep, drop)).order_by("pk").values_list("pk"))
    plan = plan_people(keep, drop, actor=actor)
    if plan.refusals:
        raise MergeRefused(plan.refusals[0])
    if plan.fingerprint != seen:
        raise MergeRefused("Пока вы смотрели, данные изменились. Проверьте ещё раз, что будет сделано.")
    doubled = _doubled(plan)
    join_roles(plan, request)
    join_members(plan, request)
    _end_mentoring(plan, request)
    bring_over(plan)
    join_participants(keep, drop)
    join_participations(keep, drop)
    join_terms(CommunityMember.objects.filter(person=keep), request)
    _drop_second_links(plan)
    for two in doubled:
        _join_completions(two, actor, request)
    for other_card, own_card in _met(plan, Member, "user").items():
        join_member_cards(own_card, other_card, actor=actor)
    remember_pairs(plan, PersonPair)
    _take_values(keep, drop, take)
    hand_up(keep)
    own = Route.objects.filter(person=keep)  # nobody helps with his own route
    own.filter(mentor=keep).update(mentor=None)
    own.filter(rma_member__user=keep).update(rma_member=None)
    for route in own:
        index(route)  # under the name that stays
    touch_all(Case.objects.filter(Q(person=keep) | Q(rma_member__user=keep)))
    moved = ", ".join(f"{one.what} {one.count}" for one in plan.moving)
    note = (
        f"карточка № {drop.pk} «{drop.full_name}» объединена с карточкой № {keep.pk}; перенесено: {moved or 'ничего'}"
    )
    for person in (keep, drop):
        record(LogEntry.Action.CHANGED, actor=actor, person=person, about=person, note=note, request=request)
    return keep


def _end_mentoring(plan: Plan, request: HttpRequest | None) -> None:
    for one in _mentoring(plan):
        record(LogEntry.Action.RIGHTS, person=one.user, note=f"снята роль: {one}, это один человек", request=request)
        one.delete()


def _drop_second_links(plan: Plan) -> None:
    """Both were named in one meeting, one group: it is one person, named once."""
    for pointer, met in plan.collisions.items():
        if pointer.is_link:
            pointer.model._base_manager.filter(pk__in=met).delete()


def _join_completions(two: Doubled, actor: User, request: HttpRequest | None) -> None:
    settle(two)
    kept, other = two.kept, two.other
    missing = [name for name in COMPLETION if getattr(kept, name) is None and getattr(other, name) is not None]
    for name in missing:
        setattr(kept, name, getattr(other, name))
    kept.save(update_fields=[*missing, "updated_at"])
    said = f"прохождение «{kept.course}» было в обеих карточках: часы {kept.hours} и {other.hours}, начало "
    said += f"{kept.starts_on} и {other.starts_on}"
    if two.left:
        said += "; второе осталось с завершённой картой"
    else:
        fold_rows(other, kept)
    record(LogEntry.Action.CHANGED, actor=actor, person=kept.person, about=kept, note=said, request=request)


def _take_values(keep: User, drop: User, take: Mapping[str, int]) -> None:
    """Set the chosen values. The addresses change places: what is not chosen stays on the closed card."""
    taken = {name for name in differing(keep, drop) if take.get(name, keep.pk) == drop.pk}
    values = {name: getattr(drop, name) for name in taken}
    left = {name: getattr(keep, name) for name in taken & {"email", "contact_email"}}
    if "email" in taken:
        values["password"] = drop.password
        _move_login(keep, drop)
    notes = [keep.contact_note, drop.contact_note]
    for name, words in (("contact_email", "другая почта"), ("phone", "другой телефон")):
        passed = getattr(keep if name in taken else drop, name)
        if passed and passed != getattr(drop if name in taken else keep, name):
            notes.append(f"{words}: {passed}")
    keep.contact_note = "; ".join(dict.fromkeys(note for note in notes if note))[:300]
    surname = keep.last_name if "last_name" in taken else drop.last_name
    current = drop.last_name if "last_name" in taken else keep.last_name
    keep.former_names = with_former(current, surname, keep.former_names, drop.former_names)
    keep.is_active = keep.is_active or drop.is_active
    drop.is_active, drop.merged_into = False, keep
    drop.set_unusable_password()  # what is open in a browser with this login ends here
    for name in left:
        setattr(drop, name, None)  # both are unique: first let go, then take
    drop.save()
    for name, value in values.items():
        setattr(keep, name, value)
    keep.save()
    if left:
        for name, value in left.items():
            setattr(drop, name, value)
        drop.save()


def _move_login(keep: User, drop: User) -> None:
    """The login that stays keeps its own second factor; that of the other login opens nothing any more."""
    for model in (Authenticator, EmailAddress):
        model.objects.filter(user=keep).delete()
        model.objects.filter(user=drop).update(user=keep)
