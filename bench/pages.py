"""Pages at region size: queries of each, and what one reader waits, one page after another."""

import json
from dataclasses import dataclass
from itertools import cycle, islice

from bench.client import Load, Session
from bench.place import Place


@dataclass
class Page:
    """`role` logs in; the `paths` are taken in turn."""

    name: str
    role: str
    paths: list[str]
    queries: int = 0
    load: Load | None = None


def pages(case_pks: list[int], routes: dict[str, list[int]], rma: dict[str, list[int]]) -> list[Page]:
    """The lists as they open, further on, filtered and sorted; the case page of cases in all states."""
    registry = [
        "/registry/",
        "/registry/?page=2",
        "/registry/?page=50",
        "/registry/?variant=3",
        "/registry/?status=closed",
    ]
    cases = ["/motor/", "/motor/?page=2", "/motor/?page=20", "/motor/?status=school_review"]
    return [
        Page("список карт `/motor/`, администратор", "admin", cases),
        Page("список карт, специалист ММС", "municipal", cases[:2]),
        Page("список карт, методист ОО", "methodist", cases[:1]),
        Page("карта `/motor/<номер>/`, администратор", "admin", [f"/motor/{pk}/" for pk in case_pks]),
        Page("реестр `/registry/`, администратор", "admin", registry),
        Page("реестр, специалист ММС", "municipal", registry[:2]),
        Page("сводка `/registry/summary/`, администратор", "admin", ["/registry/summary/"]),
        Page("план посещений `/motor/visits/`, методист ОО", "methodist", ["/motor/visits/"]),
        Page("очередь по программам `/motor/queue/`, методист ОО", "methodist", ["/motor/queue/"]),
        Page("справка для педсовета `/registry/note/`, методист ОО", "methodist", ["/registry/note/"]),
        Page("прогноз нагрузки `/motor/forecast/`, администратор", "admin", ["/motor/forecast/"]),
        Page("прогноз нагрузки, специалист ММС", "municipal", ["/motor/forecast/"]),
        Page("кто отвечает `/motor/responsible/`, администратор", "admin", ["/motor/responsible/"]),
        Page("не назначен `/motor/unassigned/`, администратор", "admin", ["/motor/unassigned/"]),
        Page("консультации `/motor/consultations/`, методист ОО", "methodist", ["/motor/consultations/"]),
        Page("ответы по курсам `/motor/answers/`, администратор", "admin", ["/motor/answers/"]),
        Page("карточки одного человека `/people/duplicates/`, администратор", "admin", ["/people/duplicates/"]),
        Page("календарь рабочих дней `/calendar/days/`, администратор", "admin", ["/calendar/days/"]),
        Page("ответы по организациям `/motor/response/`, администратор", "admin", ["/motor/response/"]),
        Page("ответы по курсам, администратор", "admin", ["/motor/response/?by=course"]),
        Page("ответы по организациям, специалист ММС", "municipal", ["/motor/response/"]),
        Page("кто ещё не ответил `/motor/response/people/`, специалист ММС", "municipal", ["/motor/response/people/"]),
        Page("листки `/motor/slips/`, методист ОО", "methodist", ["/motor/slips/"]),
        Page(
            "ссылка педагога `/motor/<номер>/link/`, администратор", "admin", [f"/motor/{pk}/link/" for pk in case_pks]
        ),
        Page("тексты писем `/letters/texts/`, администратор", "admin", ["/letters/texts/"]),
        Page("первая страница `/`, методист ОО", "methodist", ["/"]),
        Page("первая страница `/`, специалист ММС", "municipal", ["/"]),
        Page("первая страница `/`, администратор", "admin", ["/"]),
        *pages_of_routes(routes),
        *pages_of_members(rma),
        *pages_of_planner(),
    ]


def pages_of_planner() -> list[Page]:
    """20,000 events, 100,000 tasks, 5,000 materials, 30,000 people: the calendar, lists, what is searched for."""
    events = ["/calendar/events/", "/calendar/events/?q=чтение"]
    months = ["/calendar/", "/calendar/?view=week", "/calendar/?view=agenda"]
    tasks = ["/tasks/", "/tasks/?whose=others", "/tasks/?whose=given", "/tasks/?look=board"]
    library = ["/library/", "/library/?q=смысловое чтение", "/library/?q=урокам", "/library/?page=20"]
    people = ["/people/", "/people/?q=Иванова", "/people/?page=100"]
    search = ["/search/?q=Иванова", "/search/?q=смысловое чтение", "/search/?q=семинар"]
    return [
        Page("календарь `/calendar/`, администратор", "admin", months),
        Page("календарь, методист ОО", "methodist", months),
        Page("события `/calendar/events/`, администратор", "admin", events),
        Page("задачи `/tasks/`, администратор", "admin", tasks),
        Page("задачи, методист ОО", "methodist", tasks),
        Page("библиотека `/library/`, методист ОО", "methodist", library),
        Page("люди `/people/`, администратор", "admin", people),
        Page("люди, специалист ММС", "municipal", people[:2]),
        Page("поиск `/search/`, администратор", "admin", search),
        Page("поиск, методист ОО", "methodist", search),
        Page("сообщества `/people/communities/`, администратор", "admin", ["/people/communities/"]),
        Page("опросы `/polls/`, методист ОО", "methodist", ["/polls/"]),
    ]


def pages_of_members(rma: dict[str, list[int]]) -> list[Page]:
    """3,000 members and 100,000 lines of work: the roster, the picker, the queue, figures, a month."""
    breakdowns = ("direction", "function", "territory", "municipality", "member", "kind", "month")
    figures = [f"/rma/statistics/?by={code}" for code in breakdowns]
    whole = [f"{address}&period=all" for address in figures]
    lists = ["/rma/", "/rma/?page=2", "/rma/?page=50"]
    picker = [f"/rma/requests/{pk}/member/" for pk in rma["wanted"]]
    return [
        Page("методисты РМА `/rma/`, администратор", "admin", lists),
        Page("методисты РМА, специалист ММС", "municipal", lists[:1]),
        Page("карточка методиста РМА, администратор", "admin", [f"/rma/members/{pk}/" for pk in rma["member"]]),
        Page("подбор методиста `/rma/requests/<номер>/member/`, администратор", "admin", picker),
        Page("очередь запросов `/rma/requests/queue/`, администратор", "admin", ["/rma/requests/queue/"]),
        Page("запросы `/rma/requests/`, методист РМА", "member", ["/rma/requests/"]),
        Page("статистика `/rma/statistics/`, учебный год, администратор", "admin", figures),
        Page("статистика за всё время, администратор", "admin", whole),
        Page("статистика, специалист ММС", "municipal", ["/rma/statistics/", "/rma/statistics/?by=member"]),
        Page("статистика, методист РМА", "member", figures[:4]),
        Page("статистика, наблюдатель", "observer", figures[:4]),
        Page("показатели `/rma/indicators/`, администратор", "admin", ["/rma/indicators/"]),
        Page("работа за месяц `/rma/activity/`, методист РМА", "member", ["/rma/activity/"]),
        Page("кто согласовал месяц, администратор", "admin", ["/rma/activity/", "/rma/activity/?state=waiting"]),
        Page("первая страница `/`, методист РМА", "member", ["/"]),
    ]


def pages_of_routes(routes: dict[str, list[int]]) -> list[Page]:
    """30,000 routes of twelve items: the lists, the designer, the approval, a route, an assignment."""
    lists = ["/iom/", "/iom/?page=2", "/iom/?page=50", "/iom/?status=active", "/iom/?q=дефициты", "/iom/?q=вебинары"]
    return [
        Page("маршруты `/iom/`, администратор", "admin", lists),
        Page("маршруты, специалист ММС", "municipal", lists[:2]),
        Page("маршруты, методист ОО", "methodist", lists[:1]),
        Page("у кого нет маршрута `/iom/?view=none`, администратор", "admin", ["/iom/?view=none"]),
        Page("маршрут `/iom/<номер>/`, администратор", "admin", [f"/iom/{pk}/" for pk in routes["route"]]),
        Page("проектирование маршрута, администратор", "admin", [f"/iom/{pk}/design/" for pk in routes["design"]]),
        Page("согласование маршрута, методист ОО", "methodist", [f"/iom/{pk}/agree/" for pk in routes["agree"]]),
        Page("задания `/assignments/`, методист ОО", "methodist", ["/assignments/"]),
        Page("задание, администратор", "admin", [f"/assignments/{pk}/" for pk in routes["assignment"]]),
        Page("шаблоны `/iom/templates/`, методист ОО", "methodist", ["/iom/templates/"]),
    ]


async def measure(place: Place, cookies: dict[str, dict[str, str]], all_pages: list[Page], repeat: int) -> list[str]:
    """Fill the pages in; returns what did not answer."""
    missing = []
    for page in all_pages:
        session = Session(place.port, cookies[page.role])
        for path in page.paths[:5]:
            status = (await session.get(path)).status
            if status != 200:
                missing.append(f"{page.name}: {path} — {status}")
        if not any(line.startswith(page.name) for line in missing):
            before = place.cpu(place.port)
            page.load = await _read(session, page.paths, repeat)
            page.load.cpu = place.cpu(place.port) - before
        session.close()
    known = [page for page in all_pages if page.load is not None]
    missing += [f"{page.name}: {page.load.first_error}" for page in known if page.load and page.load.errors]
    jobs = {page.name: [next(iter(cookies[page.role].values())), page.paths[0]] for page in known}
    counts = json.loads(place.run("-m", "bench.inside", "queries", json.dumps(jobs)))
    for page in known:
        page.queries = counts[page.name]
    return missing


async def _read(session: Session, paths: list[str], repeat: int) -> Load:
    from bench.client import load

    async def read(path: object) -> None:
        response = await session.get(str(path))
        if response.status != 200:
            raise ValueError(f"{path}: {response.status}")

    return await load(read, islice(cycle(paths), repeat), clients=1, seconds=60, limit=repeat)
