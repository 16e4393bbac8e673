"""Who is told what when it becomes his turn. Texts are short, warm and name the one thing to do."""

from django.conf import settings
from django.urls import reverse

from cabinet.core.words import counted
from cabinet.mail.services import queue_letter
from cabinet.users.models import Membership, Role, User
from motor.models import Case, Status
from rma.models import Request

SIGNATURE = "\n\nС уважением,\nИнститут развития образования Пермского края"


def case_url(case: Case) -> str:
    return settings.SITE_URL + case.get_absolute_url()


def _key(case: Case, what: str) -> str:
    """One letter per event: the revision makes a second passage through the same state another event."""
    return f"motor.{what}.{case.pk}.{case.version}.{case.revision}"


def tell(case: Case, what: str, to: User | None, subject: str, text: str) -> None:
    """Queue one letter about the case; nobody, or someone who has left, is not written to."""
    if to is None or not to.is_active:
        return
    body = f"Здравствуйте, {to.polite_name}!\n\n{text}{SIGNATURE}"
    queue_letter(key=f"{_key(case, what)}.{to.pk}", kind=f"motor.{what}", to=to, subject=subject, body=body, about=case)


def invite(case: Case) -> None:
    """The teacher's turn: the survey is open."""
    programme = case.completion.course.programme.title
    tell(
        case,
        "invite",
        case.person,
        "Что изменилось после курсов? Четыре вопроса",
        f"{counted(case.months, 'месяц', 'месяца', 'месяцев')} назад Вы закончили курс «{programme}». "
        "Расскажите, что из него пригодилось: "
        f"четыре вопроса, около трёх минут. Ответить можно до {case.due_on:%d.%m.%Y}.\n\n"
        "Ваша личная ссылка (не пересылайте её):\n{ссылка}\n\n"
        "Участие — часть Вашего собственного развития; ответ увидит методист, который поможет с дальнейшими шагами.",
    )


def remind(case: Case) -> None:
    left = case.days_left or 0
    until = (
        f"Ответить можно до {case.due_on:%d.%m.%Y}, это займёт около трёх минут."
        if left >= 0
        else "Срок прошёл, но ответить ещё можно: это займёт около трёх минут."
    )
    tell(
        case,
        f"remind.{case.reminders}",
        case.person,
        "Напоминание: четыре вопроса о курсах",
        f"Мы ждём Ваш рассказ о том, что пригодилось после курса «{case.completion.course.programme.title}». "
        f"{until}\n\nВаша личная ссылка:\n{{ссылка}}",
    )


def survey_arrived(case: Case) -> None:
    """The responsible person's turn."""
    tell(
        case,
        "review",
        case.responsible,
        f"Опросный лист заполнен: {case.person.short_name}",
        f"{case.person.full_name} рассказал(а) о применении курса «{case.completion.course.programme.title}». "
        f"Изучите подтверждения и заполните чек-лист до {case.due_on:%d.%m.%Y}:\n{case_url(case)}",
    )


def survey_attached(case: Case) -> None:
    """An answer came during a review that had begun without it: whoever assesses reads it."""
    member = case.rma_member.user if case.status == Status.RMA_REVIEW and case.rma_member else None
    for reader in (case.responsible, member):
        tell(
            case,
            "attached",
            reader,
            f"Опросный лист пришёл позже: {case.person.short_name}",
            f"{case.person.full_name} ответил(а) на вопросы о курсе «{case.completion.course.programme.title}». "
            f"Состояние карты и срок прежние, ответ уже в ней:\n{case_url(case)}",
        )


def handed_over(case: Case) -> None:
    """The case falls to another person, because the former one left or never was."""
    until = f" Срок — {case.due_on:%d.%m.%Y}." if case.due_on else ""
    tell(
        case,
        "handed_over",
        case.responsible,
        f"Карта передана вам: {case.person.short_name}",
        f"Теперь по карте отвечаете вы: {case.person.full_name}, {case.organization}. "
        f"Состояние — «{case.get_status_display()}».{until}\n{case_url(case)}",
    )


def rma_asked(case: Case, request: Request) -> None:
    """The regional methodist's turn."""
    tell(
        case,
        "rma_asked",
        request.member.user,
        f"Запрос к РМА: {request.get_kind_display()}",
        f"Вас просят помочь ({request.get_kind_display()}): {case.person.full_name}, {case.organization}.\n"
        f"О чём просят: {request.reason}\n\n"
        f"Примите запрос или откажитесь до {request.answer_due_on:%d.%m.%Y}:\n"
        f"{settings.SITE_URL}{reverse('rma:requests')}",
    )


def rma_wanted(case: Case) -> None:
    """Participation of РМА was asked for and nobody is named yet: the municipal specialists may name one."""
    for specialist in municipal_specialists(case):
        tell(
            case,
            "rma_wanted",
            specialist,
            f"Назовите методиста РМА: {case.organization}",
            f"Методист ОО просит РМА участвовать в оценке: {case.person.full_name}. "
            f"Назовите методиста РМА до {case.due_on:%d.%m.%Y}:\n{case_url(case)}",
        )


def rma_answered(case: Case, request: Request) -> None:
    """The one who asked learns the answer."""
    taken = request.status == Request.Status.ACCEPTED
    text = (
        f"{request.member.user.full_name} принял(а) запрос по карте: {case.person.full_name}."
        if taken
        else f"{request.member.user.full_name} не может участвовать: {request.answer}\nНазовите другого методиста РМА."
    )
    for reader in {person for person in (request.author, case.responsible) if person is not None}:
        subject = "Методист РМА принял запрос" if taken else "Методист РМА отказался от запроса"
        tell(case, "rma_answered", reader, subject, f"{text}\n{case_url(case)}")


def outcome_ready(case: Case, next_steps: list[str]) -> None:
    """The teacher reads the next step first; the responsible and municipal people learn it is their turn."""
    steps = "\n".join(f"— {step}" for step in next_steps)
    tell(
        case,
        "outcome_teacher",
        case.person,
        "Следующий шаг после курсов",
        f"Методист изучил Ваши материалы по курсу «{case.completion.course.programme.title}». "
        f"Что дальше:\n{steps}\n\nПодробности — по Вашей личной ссылке:\n{{ссылка}}",
    )
    tell(
        case,
        "outcome_responsible",
        case.responsible,
        f"Работа с результатом: {case.person.short_name}",
        f"Результат определён, дальше — шаги до {case.due_on:%d.%m.%Y}:\n{steps}\n\n{case_url(case)}",
    )
    for specialist in municipal_specialists(case):
        if specialist.pk == case.responsible_id:
            continue
        tell(
            case,
            "outcome_municipal",
            specialist,
            f"Учёт результата: {case.person.short_name}",
            f"{case.person.full_name}, {case.organization}: результат определён. "
            f"Отметьте, может ли педагог представить опыт:\n{case_url(case)}",
        )


def municipal_specialists(case: Case) -> list[User]:
    """Active specialists of the case's municipality, never the person himself."""
    memberships = (
        Membership.objects.active()
        .filter(role=Role.MUNICIPAL, municipality=case.organization.municipality_id, user__is_active=True)
        .exclude(user=case.person_id)
        .select_related("user")
    )
    return [membership.user for membership in memberships]
