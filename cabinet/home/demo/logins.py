"""Logins of the demo: one per role, one password for all. They exist only where `settings.IS_DEMO` says so."""

from typing import NamedTuple

# Known to everybody on purpose: it opens invented data on a trial installation and nothing else.
DEMO_PASSWORD = "demo-kabinet-2026"  # noqa: S105


class DemoLogin(NamedTuple):
    """`sees` tells a visitor in a few words what waits behind the login."""

    role: str
    email: str
    sees: str


DEMO_LOGINS = (
    DemoLogin("Педагог", "teacher@demo.example.org", "открытый опросный лист и свои прежние курсы"),
    DemoLogin("Методист ОО", "methodist@demo.example.org", "карты, которые ждут чек-листа, и шаги после результата"),
    DemoLogin("Руководитель ОО", "head@demo.example.org", "все карты своей школы"),
    DemoLogin("Наставник", "mentor@demo.example.org", "карты молодого педагога, которого он сопровождает"),
    DemoLogin("Методист РМА", "rma@demo.example.org", "запросы, которые ждут ответа, чек-лист и работа за месяц"),
    DemoLogin("Специалист ММС", "municipal@demo.example.org", "результаты своего муниципалитета к учёту, реестр"),
    DemoLogin("Куратор программы", "curator@demo.example.org", "ответы и результаты слушателей своих курсов"),
    DemoLogin("Администратор ИРО ПК", "admin@demo.example.org", "весь край: загрузка списков, реестр, письма"),
    DemoLogin("Наблюдатель", "observer@demo.example.org", "сводка без персональных данных"),
)
