"""A confirmation of experience presented, for a portfolio and attestation: one sheet A4."""

from django.utils.timezone import localdate

from cabinet.core.clock import today
from iom.services.papers import Paper, Section
from motor.models import Presentation

LINE = "________________"
DAY = "«___» ____________ 20___ г."


def confirmation(presentation: Presentation) -> Paper:
    """The facts as the organizer marked them; the signatures are left to people."""
    case, event = presentation.case, presentation.event
    completion = case.completion
    post = ", ".join(str(one) for one in (completion.position, completion.subject) if one)
    place = event.audience if event.scope != event.Scope.REGION else "Пермский край"
    facts = [
        ("Педагог", case.person.full_name),
        ("Организация", f"{case.organization}, {case.organization.municipality}"),
        ("Должность, предмет", post),
        ("Тема опыта", presentation.title),
        ("Событие", str(event)),
        ("Дата", event.when),
        ("Место", event.place),
        ("Уровень", f"{event.get_scope_display()} ({place})"),
    ]
    words = "Подтверждается, что педагог представил(а) элементы собственного опыта на методическом событии."
    marked, marked_at = presentation.marked_by, presentation.marked_at
    noted = f"Отметку внёс(внесла): {marked.full_name}, {localdate(marked_at):%d.%m.%Y}." if marked else ""
    return Paper(
        title="Подтверждение",
        about="представления педагогического опыта",
        name=_file(presentation),
        facts=[(label, value) for label, value in facts if value],
        sections=[Section("", [words, noted])],
        signatures=[
            f"Организатор события {LINE} / {event.author.short_name} / {DAY}",
            f"Руководитель {LINE} / {LINE} / {DAY}",
        ],
        foot=f"№ {presentation.pk}. Напечатано {today():%d.%m.%Y}, Цифровой кабинет методиста",
    )


def _file(presentation: Presentation) -> str:
    kept = "".join(sign if sign.isalnum() or sign in " .-" else " " for sign in presentation.case.person.short_name)
    return " ".join(f"Подтверждение {kept} {presentation.event.on:%d.%m.%Y}".split())
