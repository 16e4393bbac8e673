"""Plans of routes: regional templates, and what the demo's teachers begin with; invented."""

from typing import Any, NamedTuple


class Plan(NamedTuple):
    """`items`: activity, place of its deficit, form, level, support, days from the start (None: бессрочно), product."""

    title: str
    aim: str
    deficits: tuple[str, ...]
    goals: tuple[tuple[str, int], ...]
    items: tuple[tuple[str, int, str, str, str, int | None, str], ...]

    @property
    def content(self) -> dict[str, Any]:
        """The shape of iom.services.creating.content_to_reuse."""
        return {
            "aim": self.aim,
            "deficits": list(self.deficits),
            "goals": [{"text": text, "deficit": deficit} for text, deficit in self.goals],
            "items": [
                {
                    "activity": activity,
                    "deficit": deficit,
                    "form": form,
                    "level": level,
                    "support": support,
                    "days": days,
                    "is_open_ended": days is None,
                    "product": product,
                    "attachments": [],
                }
                for activity, deficit, form, level, support, days, product in self.items
            ],
        }


FORMAL, NONFORMAL, INFORMAL = "formal", "nonformal", "informal"
SCHOOL, TOWN, REGION = "institutional", "municipal", "regional"
ALONE, MENTOR, RMA = "self", "mentor", "rma"

PLANS = (
    Plan(
        "Формирующее оценивание: первый год",
        "Ученики понимают, что уже получилось и над чем работать; на обратную связь хватает пяти минут урока.",
        (
            "Обратная связь ученикам сводится к отметке",
            "Критерии оценивания не обсуждаются с учениками",
        ),
        (
            ("На каждом втором уроке давать письменную обратную связь вместо отметки", 0),
            ("Составлять критерии работ вместе с классом", 1),
        ),
        (
            (
                "Разобрать материалы курса и выбрать три приёма",
                0,
                INFORMAL,
                SCHOOL,
                ALONE,
                20,
                "Список приёмов с примерами",
            ),
            (
                "Посетить урок коллеги, где идёт формирующее оценивание",
                0,
                NONFORMAL,
                SCHOOL,
                MENTOR,
                40,
                "Запись наблюдений",
            ),
            ("Провести три урока с выходными билетами", 0, INFORMAL, SCHOOL, ALONE, 70, "Конспекты трёх уроков"),
            ("Составить с классом критерии одной работы", 1, INFORMAL, SCHOOL, MENTOR, 90, "Лист критериев"),
            ("Вебинар «Обратная связь без отметки»", 0, NONFORMAL, REGION, ALONE, 110, "Конспект вебинара"),
            ("Разобрать работы учеников с методистом РМА", 1, NONFORMAL, REGION, RMA, 140, "Разбор десяти работ"),
            ("Открытый урок для коллег", 1, NONFORMAL, SCHOOL, MENTOR, 180, "Конспект и запись обсуждения"),
            (
                "Выступить на муниципальном методическом объединении",
                0,
                NONFORMAL,
                TOWN,
                ALONE,
                210,
                "Тезисы выступления",
            ),
        ),
    ),
    Plan(
        "Функциональная грамотность на уроке",
        "Ученики решают задачи из жизни и могут объяснить, какое знание применили.",
        (
            "Мало заданий, где знание применяется в незнакомой ситуации",
            "Трудно отличить применение знания от воспоминания",
        ),
        (
            ("Включать задание из жизни в каждый второй урок", 0),
            ("Оценивать ответы по критериям применения", 1),
        ),
        (
            ("Собрать банк из десяти заданий по своему предмету", 0, INFORMAL, SCHOOL, ALONE, 30, "Банк заданий"),
            ("Курс «Читательская грамотность: практика»", 0, FORMAL, REGION, ALONE, 80, "Удостоверение и план урока"),
            ("Провести урок с заданием с избыточными данными", 0, INFORMAL, SCHOOL, MENTOR, 100, "Конспект урока"),
            (
                "Сравнить с коллегой оценки одних и тех же работ",
                1,
                NONFORMAL,
                SCHOOL,
                MENTOR,
                120,
                "Таблица расхождений",
            ),
            ("Консультация методиста РМА по критериям", 1, NONFORMAL, REGION, RMA, 150, "Уточнённые критерии"),
            ("Мастер-класс для коллег «Задача из чека»", 0, NONFORMAL, SCHOOL, ALONE, 200, "Материалы мастер-класса"),
        ),
    ),
    Plan(
        "Молодой педагог: первые два года",
        "Уверенно вести урок в своём классе и знать, к кому идти с трудным вопросом.",
        ("Трудно удержать внимание класса в начале урока", "Планирование урока занимает весь вечер"),
        (("Начинать урок так, чтобы через три минуты работали все", 0), ("Готовить урок за сорок минут", 1)),
        (
            ("Посещать уроки наставника раз в две недели", 0, NONFORMAL, SCHOOL, MENTOR, None, "Дневник наблюдений"),
            ("Собрать пять заготовок начала урока", 0, INFORMAL, SCHOOL, MENTOR, 40, "Пять заготовок"),
            ("Разобрать с наставником два своих урока", 0, NONFORMAL, SCHOOL, MENTOR, 90, "Записи разборов"),
            ("Составить шаблон конспекта для себя", 1, INFORMAL, SCHOOL, ALONE, 60, "Шаблон конспекта"),
            ("Школа молодого педагога: осенняя сессия", 1, NONFORMAL, TOWN, ALONE, 120, "План на полугодие"),
        ),
    ),
)
