"""Routes of the demo: in every state at its school, a few in each of the others, with diagnoses and templates."""

from datetime import date, timedelta
from itertools import cycle
from typing import Any

from cabinet.core.clock import next_working_day, today
from cabinet.courses.models import Completion
from cabinet.home.demo.cast import ADMIN, HEAD, METHODIST, NOVICE, REGIONAL, TEACHER
from cabinet.home.demo.moment import at, on_day, recent_working_day, worked_by
from cabinet.home.demo.plans import PLANS
from cabinet.home.demo.settling import Region
from cabinet.users.models import Membership, Role, User
from iom.models import Diagnosis, DiagnosisBlock, Route, RouteItem, RouteTemplate, TemplateVersion
from iom.services import carrying, practising
from iom.services.agreeing import agree, open_revision, send_back, submit
from iom.services.assigning import answer, give
from iom.services.assigning import send_back as return_answer
from iom.services.creating import Grounds, create_route
from iom.services.lines import add_line, save_line
from rma.models import Member

BEGUN = 75  # days ago
CONSPECT: dict[str, Any] = {
    "title": "Конспект урока с выходным билетом",
    "text": "Один урок, один класс: как задали вопрос, что ответили, что изменили завтра.",
}
VISIT: dict[str, Any] = {"title": "Посмотреть урок коллеги", "text": "Запишите две находки и один вопрос."}
SHOWN, THOUGHT = "Показала два урока коллегам.", "Легче всего пошли выходные билеты."
AWAY = 30  # people of other organizations with a route


def make_routes(region: Region) -> None:
    """All through the services, on the days they would have happened."""
    templates = _make_templates(region)
    with at(on_day(worked_by(today() - timedelta(days=BEGUN + 10)), 12)):
        diagnosis = _diagnose(region.user(TEACHER), region.user(METHODIST))
    _teacher(region, templates[0], diagnosis)
    _novice(region, templates[2])
    with at(on_day(recent_working_day(6), 10)):
        own = _create(region.user(METHODIST), region.user(METHODIST), templates[1])
        submit(own, actor=own.person)
    _colleagues(region, templates)


def _make_templates(region: Region) -> list[TemplateVersion]:
    admin = region.user(ADMIN)
    made = []
    with at(on_day(worked_by(today() - timedelta(days=BEGUN + 30)), 9)):
        for plan in PLANS:
            template = RouteTemplate.objects.create(
                scope=RouteTemplate.Scope.REGION, owner=admin, title=plan.title, deficit=plan.deficits[0]
            )
            made.append(TemplateVersion.objects.create(template=template, content=plan.content, author=admin))
    return made


def _diagnose(person: User, author: User) -> Diagnosis:
    diagnosis = Diagnosis.objects.create(
        person=person,
        instrument="Диагностика методических компетенций",
        on=today(),
        note="Начать с обратной связи: здесь и запрос самого педагога.",
        author=author,
    )
    blocks = (
        ("Планирование урока", 8, "high"),
        ("Оценивание и обратная связь", 3, "deficit"),
        ("Работа с текстом", 5, "middle"),
    )
    DiagnosisBlock.objects.bulk_create(
        DiagnosisBlock(diagnosis=diagnosis, topic=topic, score=score, top=10, level=level)
        for topic, score, level in blocks
    )
    return diagnosis


def _create(person: User, author: User, template: TemplateVersion, *diagnoses: Diagnosis) -> Route:
    """The period of the demo: from the moment it is made to the end of the school year."""
    courses = Completion.objects.filter(person=person, course__ends_on__lte=today()).select_related("course__programme")
    grounds = Grounds(completions=list(courses[:1]), diagnoses=list(diagnoses))
    return create_route(person, author=author, grounds=grounds, template=template, ends_on=_end(today()))


def _end(day: date) -> date:
    return day + timedelta(days=270)


def _agree(route: Route) -> None:
    """Whoever it waits for, one step after another."""
    for _ in range(3):
        route.refresh_from_db()
        if route.status != "in_review":
            return
        agree(route, actor=_approver(route))


def _approver(route: Route) -> User:
    """Who holds the step the route stands at."""
    posts = Membership.objects.active().filter(role=route.step).exclude(user=route.person_id).order_by("pk")
    if route.step == Role.MUNICIPAL:
        posts = posts.filter(municipality=route.organization.municipality_id)
    else:
        posts = posts.filter(organization=route.organization_id)
    post = posts.select_related("user").first()
    if post is None:
        raise LookupError(f"nobody agrees {route}")
    return post.user


def _teacher(region: Region, template: TemplateVersion, diagnosis: Diagnosis) -> None:
    """The demo's own route: half of it done, one item to be checked, one change in practice, two assignments."""
    person, methodist = region.user(TEACHER), region.user(METHODIST)
    start = worked_by(today() - timedelta(days=BEGUN))
    with at(on_day(start, 15)):
        route = _create(person, methodist, template, diagnosis)
        Route.objects.filter(pk=route.pk).update(rma_member=Member.objects.get(user=region.user(REGIONAL)))
        submit(route, actor=person)
    with at(on_day(worked_by(start + timedelta(days=3)), 11)):
        _agree(route)
    items = list(route.items.all())
    for number, item in enumerate(items[:2]):
        with at(on_day(worked_by(start + timedelta(days=20 + 20 * number)), 16)):
            _hand_in(item, person)
        with at(on_day(worked_by(start + timedelta(days=22 + 20 * number)), 10)):
            carrying.confirm_item(item, actor=methodist)
    with at(on_day(recent_working_day(4), 14)):
        practising.mark_practice(items[0], actor=person, text="Выходные билеты на каждом втором уроке.")
        _hand_in(items[2], person)
    with at(on_day(recent_working_day(3), 9, 30)):
        carrying.start_item(items[3], actor=person)
        due_on = next_working_day(today() + timedelta(days=9))
        (first,) = give([route], author=methodist, item=items[3], due_on=due_on, **CONSPECT)
        give([route], author=methodist, due_on=next_working_day(today() + timedelta(days=5)), **VISIT)
    with at(on_day(recent_working_day(2), 18)):
        answer(first, actor=person, text="Конспект в общей папке, коротко: билет из двух вопросов.")
    with at(on_day(recent_working_day(1), 10)):
        return_answer(first, actor=methodist, comment="Хорошо! Добавьте, пожалуйста, два-три ответа учеников.")


def _hand_in(item: RouteItem, person: User) -> None:
    carrying.start_item(item, actor=person)
    carrying.submit_item(item, actor=person, text="Сделано, материалы в папке методического объединения.")


def _novice(region: Region, template: TemplateVersion) -> None:
    with at(on_day(recent_working_day(2), 13)):
        route = _create(region.user(NOVICE), region.user(NOVICE), template)
        submit(route, actor=route.person)


def _colleagues(region: Region, templates: list[TemplateVersion]) -> None:
    """Every second teacher of the demo's school and some elsewhere, each stopping at another place of the way."""
    home = region.user(HEAD).organization
    free = User.objects.filter(routes=None, organization__isnull=False, completions__isnull=False, is_active=True)
    free = free.exclude(email__endswith="@demo.example.org").distinct().order_by("pk")
    people = [*free.filter(organization=home)[::2], *free.exclude(organization=home)[: AWAY * 3 : 3]]
    ways = cycle((_done, _returned, _under_way, _renewed, _changed, _waiting, _draft, _agreed))
    for number, (person, way) in enumerate(zip(people, ways, strict=False)):
        start = worked_by(today() - timedelta(days=BEGUN - number % 20))
        with at(on_day(start, 9 + number % 8)):
            route = _create(person, person, templates[number % len(templates)])
        way(route)


def _draft(route: Route) -> None:
    pass


def _waiting(route: Route) -> None:
    with at(on_day(recent_working_day(3), 12)):
        submit(route, actor=route.person)


def _returned(route: Route) -> None:
    _waiting(route)
    with at(on_day(recent_working_day(2), 12)):
        send_back(
            route, actor=_approver(route), comment="Уточните, пожалуйста, сроки и добавьте, что получится в итоге."
        )


def _agreed(route: Route) -> None:
    with at(on_day(worked_by(route.starts_on + timedelta(days=2)), 12)):
        submit(route, actor=route.person)
        _agree(route)


def _under_way(route: Route) -> None:
    _agreed(route)
    _carry_out(route, 3)


def _done(route: Route) -> None:
    _agreed(route)
    _carry_out(route, 100)
    if route.items.unfinished().exists():
        return  # nobody there to confirm
    with at(on_day(recent_working_day(5), 17)):
        carrying.complete(route, actor=route.person, results=SHOWN, reflection=THOUGHT)


def _renewed(route: Route) -> None:
    _under_way(route)
    with at(on_day(recent_working_day(4), 10)):
        route.refresh_from_db()
        open_revision(route, actor=route.person, reason="Сменилась параллель, часть мероприятий переносится.")


def _changed(route: Route) -> None:
    """The new version waits: the approver sees two lines of it, not the whole route."""
    _renewed(route)
    with at(on_day(recent_working_day(2), 15)):
        item = route.items.filter(status=RouteItem.Status.PLANNED).last()
        if item is not None:
            save_line(item, {"product": "Конспект и три работы учеников"}, item.revision, actor=route.person)
        new = {"activity": "Посетить урок коллеги в новой параллели", "form": "nonformal", "level": "institutional"}
        due_on = next_working_day(today() + timedelta(days=60))
        add_line(route, "item", new | {"due_on": due_on, "product": "Запись наблюдений"}, actor=route.person)
        submit(route, actor=route.person)


def _carry_out(route: Route, count: int) -> None:
    """By the teacher, and by whoever checks in his organization."""
    route.refresh_from_db()
    checker = next(iter(carrying.helpers_of(route)), None)
    for number, item in enumerate(route.items.all()[:count]):
        with at(on_day(worked_by(route.starts_on + timedelta(days=6 + 4 * number)), 16)):
            _hand_in(item, route.person)
            if checker is not None:
                carrying.confirm_item(item, actor=checker)
