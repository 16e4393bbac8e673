"""The list of РМА: the roster."""

from datetime import date

from cabinet.core.spreadsheet import SheetSpec
from cabinet.courses.models import ImportBatch
from cabinet.courses.services.kinds import ListKind, Sample, Words, register
from rma.importing.columns import MEMBERS
from rma.importing.planning import MemberPlan
from rma.importing.reading import MemberReader
from rma.importing.wording import changes
from rma.importing.writing import can_take_back, take_back_members, write_members

ROSTER = SheetSpec(
    "Методисты РМА",
    [
        "ФИО",
        "Образовательная организация",
        "Муниципальное образование",
        "Должность",
        "Предметы",
        "E-mail",
        "Телефон",
        "Образование",
        "Стаж по специальности",
        "Квалификационная категория",
        "Дата присвоения",
        "Оценка компетенций",
        "Дата оценки",
        "Роли",
        "Функции",
        "Направления",
        "Состояние",
        "Приказ",
        "Предел запросов",
        "Согласие показывать карточку",
    ],
    [
        [
            "Образцова Анна Петровна",
            "МБОУ «СОШ № 1»",
            "Кунгурский муниципальный округ",
            "Учитель",
            "Математика, Физика",
            "obraztsova@example.org",
            "",
            "высшее",
            12,
            "высшая",
            date(2024, 3, 12),
            "пройдена",
            date(2025, 11, 20),
            "наставник, эксперт",
            "Выявление профессиональных дефицитов педагогов; Методическая помощь педагогам ШНОР",
            "Демонстрация личного профессионального опыта",
            "действует",
            "№ 01.01-05/289 от 15.09.2022",
            5,
            "да",
        ]
    ],
    [32, 32, 32, 18, 24, 28, 18, 22, 14, 20, 14, 18, 14, 24, 44, 44, 16, 30, 10, 14],
)

register(
    ListKind(
        code=ImportBatch.Kind.MEMBERS,
        layout=MEMBERS,
        reader=MemberReader,
        plan=MemberPlan,
        write=write_members,
        changes=changes,
        take_back=take_back_members,
        can_take_back=can_take_back,
        sample=Sample("Образец – методисты РМА.xlsx", ROSTER),
        words=Words(
            tab="Методисты РМА",
            lead="Состав регионального методического актива из таблицы Excel: карточки, показатели, роли и функции.",
            created="Новых карточек",
            updated="Дополнено карточек",
            written="Карточки на своих местах. Действующие методисты с адресом почты могут войти в кабинет.",
            undone="новые карточки, показатели и состояния, которые он добавил, а также люди и организации, на которые "
            "больше ничего не ссылается",
            until="Загрузку можно отменить целиком, пока этим методистам не направлено ни одного запроса и в их "
            "карточках ничего не сделано руками.",
            too_late="С методистами из этого списка уже работают, поэтому целиком его отменить нельзя. Отдельную "
            "карточку можно исключить приказом.",
        ),
    )
)
