"""Who is told what when a case leaves the regular path: everyone concerned, each in words of his own."""

from cabinet.users.models import Membership, Role, User
from motor.models import Agreement, Case, Objection
from motor.services.notices import case_url, municipal_specialists, tell


def _programme(case: Case) -> str:
    return case.completion.course.programme.title


def _others(case: Case, actor: User | None) -> list[User]:
    """Those who work on the case, without the one who has just acted."""
    member = case.rma_member.user if case.rma_member else None
    people = {one.pk: one for one in (case.responsible, member) if one is not None}
    if actor is not None:
        people.pop(actor.pk, None)
    return list(people.values())


def returned_to_teacher(case: Case, comment: str) -> None:
    tell(
        case,
        "returned",
        case.person,
        "Дополните, пожалуйста, ответ о курсах",
        f"Методист прочитал Ваш ответ о курсе «{_programme(case)}» и просит дополнить его:\n{comment}\n\n"
        f"Ваши слова сохранены, допишите недостающее до {case.due_on:%d.%m.%Y}:\n{{ссылка}}",
    )


def went_without_survey(case: Case) -> None:
    tell(
        case,
        "without_survey",
        case.person,
        "Методист поговорит с Вами о курсах",
        f"Опросный лист о курсе «{_programme(case)}» не понадобится: методист узнает всё в разговоре с Вами. "
        "Если захотите написать сами, ссылка работает, пока идёт оценка:\n{ссылка}",
    )


def postponed(case: Case) -> None:
    tell(
        case,
        "postponed",
        case.person,
        f"Оценка перенесена до {case.postponed_until:%d.%m.%Y}",
        f"Методист вернётся к Вашим материалам по курсу «{_programme(case)}» позже, "
        f"до {case.postponed_until:%d.%m.%Y}. От Вас сейчас ничего не нужно.",
    )


def not_assessed(case: Case) -> None:
    tell(
        case,
        "not_assessed",
        case.person,
        "Работа по курсу завершена без оценки",
        f"По курсу «{_programme(case)}» пока нечего было изучать, поэтому карта завершена с пометкой «Не оценено». "
        "Это не говорит о том, что результата нет. Если материалы появятся, скажите об этом методисту.",
    )


def returned_to_school(case: Case, comment: str) -> None:
    tell(
        case,
        "returned_school",
        case.responsible,
        f"Методист РМА вернул карту: {case.person.short_name}",
        f"{case.person.full_name}: методист РМА просит дополнить материалы.\n{comment}\n\n"
        f"Дополните чек-лист до {case.due_on:%d.%m.%Y}, прежние отметки сохранены:\n{case_url(case)}",
    )


def stopped(case: Case, actor: User | None, was_opened: bool) -> None:
    reason = case.get_stop_reason_display()
    for reader in _others(case, actor):
        tell(
            case,
            "stopped",
            reader,
            f"Отслеживание прекращено: {case.person.short_name}",
            f"{case.person.full_name}, {case.organization}: отслеживание прекращено ({reason}). "
            f"Делать по карте ничего не нужно:\n{case_url(case)}",
        )
    if was_opened:
        tell(
            case,
            "stopped_teacher",
            case.person,
            "По курсу больше ничего не нужно",
            f"Мы больше не ждём от Вас ответов о курсе «{_programme(case)}». Спасибо!",
        )


def restored(case: Case, actor: User | None) -> None:
    """The teacher gets the link again when it is his turn, the others what they answer for."""
    until = f" Срок — {case.due_on:%d.%m.%Y}." if case.due_on else ""
    for reader in _others(case, actor):
        tell(
            case,
            "restored",
            reader,
            f"Отслеживание возобновлено: {case.person.short_name}",
            f"{case.person.full_name}, {case.organization}: карта снова в работе, "
            f"состояние — «{case.get_status_display()}».{until}\n{case_url(case)}",
        )
    if case.status == case.UNDER_WAY[0]:
        tell(
            case,
            "restored_teacher",
            case.person,
            "Снова ждём Ваш рассказ о курсах",
            f"Курс «{_programme(case)}»: четыре вопроса, около трёх минут.{until}\n{{ссылка}}",
        )


def paused(case: Case, actor: User | None) -> None:
    text = f"пауза до {case.paused_until:%d.%m.%Y}; сроки сдвинуты на это время, напоминаний не будет"
    for reader in _others(case, actor):
        tell(
            case,
            "paused",
            reader,
            f"Пауза: {case.person.short_name}",
            f"{case.person.full_name}, {case.organization}: {text}.\n{case_url(case)}",
        )
    if case.opened_at:
        tell(
            case,
            "paused_teacher",
            case.person,
            "Вопросы о курсах подождут",
            f"Курс «{_programme(case)}»: {text}. Если захотите ответить раньше, ссылка работает:\n{{ссылка}}",
        )


def resumed(case: Case, actor: User | None) -> None:
    until = f" Срок — {case.due_on:%d.%m.%Y}." if case.due_on else ""
    for reader in _others(case, actor):
        tell(
            case,
            "resumed",
            reader,
            f"Пауза закончена: {case.person.short_name}",
            f"{case.person.full_name}, {case.organization}: карта снова в работе, "
            f"состояние — «{case.get_status_display()}».{until}\n{case_url(case)}",
        )
    if case.status == case.UNDER_WAY[0]:
        tell(
            case,
            "resumed_teacher",
            case.person,
            "Четыре вопроса о курсах ждут Вас",
            f"Пауза закончилась: ждём Ваш рассказ о курсе «{_programme(case)}».{until}\n{{ссылка}}",
        )


def transferred(case: Case, former: User | None, from_organization: str) -> None:
    """The new responsible person takes over; the former one and the teacher learn who that is."""
    now = case.responsible.full_name if case.responsible else "ответственный пока не назначен"
    if case.responsible is not None and case.responsible != former:
        until = f" Срок — {case.due_on:%d.%m.%Y}." if case.due_on else ""
        tell(
            case,
            "transferred",
            case.responsible,
            f"К вам перешёл педагог: {case.person.short_name}",
            f"{case.person.full_name} теперь работает в «{case.organization}», карта перешла вместе с ним. "
            f"Состояние — «{case.get_status_display()}».{until}\n{case_url(case)}",
        )
    if former is not None and former != case.responsible:
        tell(
            case,
            "transferred_away",
            former,
            f"Карта ушла вместе с педагогом: {case.person.short_name}",
            f"{case.person.full_name} перешёл(перешла) из «{from_organization}» в «{case.organization}». "
            f"Дальше карту ведёт: {now}. От вас ничего не нужно.",
        )
    if case.opened_at and case.status not in case.ENDED:
        tell(
            case,
            "transferred_teacher",
            case.person,
            "Вашу карту ведёт другой методист",
            f"Курс «{_programme(case)}»: после Вашего перехода в «{case.organization}» карту ведёт {now}. "
            "Ваши ответы и ссылка сохранились:\n{ссылка}",
        )


def objected(case: Case, objection: Objection) -> None:
    """The municipal service decides; the admin where it has nobody. The assessor learns of it."""
    assessors = set(case.checklists.values_list("assessor", flat=True))
    deciders = [one for one in municipal_specialists(case) if one.pk not in assessors] or _admins(case)
    for decider in deciders:
        tell(
            case,
            "objection",
            decider,
            f"Возражение педагога: {case.person.short_name}",
            f"{case.person.full_name}, {case.organization}, возражает против результата:\n{objection.text}\n\n"
            f"Рассмотрите до {objection.due_on:%d.%m.%Y}:\n{case_url(case)}",
        )
    for reader in _others(case, None):
        if reader not in deciders:
            tell(
                case,
                "objection_known",
                reader,
                f"Педагог возразил против результата: {case.person.short_name}",
                f"{case.person.full_name} возражает против результата. Решение примет муниципальная служба "
                f"до {objection.due_on:%d.%m.%Y}.\n{case_url(case)}",
            )


def _admins(case: Case) -> list[User]:
    memberships = Membership.objects.active().filter(role=Role.ADMIN, user__is_active=True)
    return [one.user for one in memberships.exclude(user=case.person_id).select_related("user")]


def objection_declined(case: Case, objection: Objection, actor: User) -> None:
    tell(
        case,
        "objection_declined",
        case.person,
        "Ответ на Ваше возражение",
        f"Муниципальная методическая служба рассмотрела Ваше возражение по курсу «{_programme(case)}». "
        f"Результат остаётся прежним:\n{objection.answer}\n\nПодробности — по ссылке:\n{{ссылка}}",
    )
    for reader in _others(case, actor):
        tell(
            case,
            "objection_declined_known",
            reader,
            f"Возражение отклонено: {case.person.short_name}",
            f"Возражение по карте отклонено:\n{objection.answer}\n\n{case_url(case)}",
        )


def reopened(case: Case, actor: User, reason: str, former_member: User | None) -> None:
    tell(
        case,
        "reopened",
        case.responsible,
        f"Карта открыта заново: {case.person.short_name}",
        f"{case.person.full_name}: {reason}\n\nПрежние ответы и чек-листы сохранены для чтения. "
        f"Заполните чек-лист заново до {case.due_on:%d.%m.%Y}:\n{case_url(case)}",
    )
    tell(
        case,
        "reopened_teacher",
        case.person,
        "К Вашим материалам вернутся ещё раз",
        f"Карта по курсу «{_programme(case)}» открыта заново: методист ещё раз изучит материалы. "
        "Ваш ответ сохранён, писать заново ничего не нужно.",
    )
    if former_member is not None and former_member != actor:
        tell(
            case,
            "reopened_member",
            former_member,
            f"Карта открыта заново: {case.person.short_name}",
            f"{case.person.full_name}: карта вернулась методисту ОО. Ваш чек-лист сохранён; если ваше участие "
            "понадобится снова, придёт новый запрос.",
        )


def agreement_proposed(case: Case, agreement: Agreement, to: User | None) -> None:
    tell(
        case,
        "agreement",
        to,
        f"Предложено согласованное заключение: {case.person.short_name}",
        f"{agreement.proposed_by.full_name} предлагает общее заключение по карте: {case.person.full_name}.\n"
        f"{agreement.comment}\n\nПодтвердите его или предложите своё:\n{case_url(case)}",
    )


def agreement_confirmed(case: Case, agreement: Agreement) -> None:
    tell(
        case,
        "agreement_confirmed",
        agreement.proposed_by,
        f"Заключение подтверждено: {case.person.short_name}",
        f"{case.person.full_name}: ваше общее заключение подтверждено, результат определён по нему.\n{case_url(case)}",
    )


def member_lost(case: Case) -> None:
    """The regional methodist can no longer take part: somebody else is to be named."""
    tell(
        case,
        "member_lost",
        case.responsible,
        f"Назовите другого методиста РМА: {case.person.short_name}",
        f"{case.person.full_name}: названный методист РМА теперь из той же организации и оценивать не может. "
        f"Назовите другого до {case.due_on:%d.%m.%Y}:\n{case_url(case)}",
    )


def request_withdrawn(case: Case, member: User) -> None:
    tell(
        case,
        "request_withdrawn",
        member,
        f"Запрос снят: {case.person.short_name}",
        f"{case.person.full_name}, {case.organization}: участвовать в оценке больше не нужно. Спасибо!",
    )
