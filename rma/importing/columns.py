"""The columns of the roster and the words people head them with."""

from enum import StrEnum

from cabinet.courses.importing.fields import (
    LABELS,
    NAME_WAYS,
    ONE_MUNICIPALITY,
    ONE_ORGANIZATION,
    PERSON,
    Field,
    Layout,
    OwnColumn,
)


class Column(StrEnum):
    EDUCATION = "education"
    EXPERIENCE = "experience"
    EXPERIENCE_SINCE = "experience_since"
    CATEGORY = "category"
    CATEGORY_SINCE = "category_since"
    ASSESSMENT = "assessment"
    ASSESSED_ON = "assessed_on"
    ROLES = "roles"
    FUNCTIONS = "functions"
    DIRECTIONS = "directions"
    STATUS = "status"
    STATUS_SINCE = "status_since"
    ORDER = "order"
    CASE_LIMIT = "case_limit"
    CONSENT = "consent"


# Dates before what they are dates of: the first pattern that fits decides.
OWN = (
    OwnColumn(Field.FULL_NAME, LABELS[Field.FULL_NAME], "методист|методист рма|член рма|фио методиста"),
    OwnColumn(
        Column.EXPERIENCE_SINCE,
        "Работает по специальности с",
        "стаж с|стаж по специальности с|работает с|год начала работы|начало работы по специальности",
        r"(?:стаж|специальност).*\bс\b|начал\w*.*(?:стаж|специальност)|(?:дат|год)\w*.*стаж",
    ),
    OwnColumn(
        Column.EXPERIENCE,
        "Стаж по специальности",
        "стаж|стаж по специальности|стаж работы по специальности|педагогический стаж|пед стаж|стаж лет",
        r"^(?!.*\bобщ).*\bстаж",
    ),
    OwnColumn(
        Column.CATEGORY_SINCE,
        "Дата присвоения категории",
        "дата присвоения|дата категории|дата аттестации|дата установления категории|категория с",
        r"категори.*(?:\bдат|\bприсво|\bустановл|\bс\b)|(?:дат|год)\w*.*(?:категори|аттестац)|присво\w*.*категори",
    ),
    OwnColumn(
        Column.CATEGORY,
        "Квалификационная категория",
        "категория|квалификационная категория|кв категория|квалиф категория",
        r"\bкатегори",
    ),
    OwnColumn(
        Column.ASSESSED_ON,
        "Дата оценки компетенций",
        "дата оценки|дата оценки компетенций|дата прохождения оценки",
        r"(?:дат|год)\w*.*(?:оценк|компетенц)|(?:оценк|компетенц).*\bдат",
    ),
    OwnColumn(
        Column.ASSESSMENT,
        "Оценка компетенций",
        "оценка|оценка компетенций|прошел оценку|прошли оценку компетенций|результат оценки",
        r"оценк\w* (?:\w+ ){0,4}компетенц|компетенц\w*.*оценк|результат\w* оценк",
    ),
    OwnColumn(
        Column.EDUCATION,
        "Образование",
        "образование|уровень образования|образование педагога|базовое образование",
        r"^(?:уровень |базовое |основное |сведения об )?образовани[ея]\b(?!.*организац)",
    ),
    OwnColumn(Column.ROLES, "Роли в РМА", "роль|роли|роль в рма|роли в рма", r"\bрол[ьи]\b"),
    OwnColumn(Column.FUNCTIONS, "Функции", "функция|функции|функции рма", r"\bфункци"),
    OwnColumn(
        Column.DIRECTIONS,
        "Направления",
        "направление|направления|направления деятельности|приоритетные направления",
        r"\bнаправлени",
    ),
    OwnColumn(
        Column.STATUS_SINCE,
        "Состояние с",
        "статус с|состояние с|дата приказа|в рма с|дата включения|дата статуса",
        r"дат\w*.*(?:статус|состояни|приказ|включен)|(?:статус|состояни).*(?:\bдат|\bс\b)",
    ),
    OwnColumn(
        Column.ORDER,
        "Приказ",
        "приказ|реквизиты приказа|номер приказа|приказ о включении|основание|распоряжение",
        r"\bприказ|\bраспоряжени",
    ),
    OwnColumn(Column.STATUS, "Состояние", "статус|состояние|статус в рма|состояние в рма", r"\bстатус|\bсостояни"),
    OwnColumn(
        Column.CASE_LIMIT,
        "Предел запросов",
        "предел|лимит|предел запросов|лимит запросов|предел одновременных запросов|сколько запросов",
        r"\bпредел|\bлимит|одновременн\w* (?:запрос|карт)",
    ),
    # Consent to the processing of personal data is another thing, with a record of its own.
    OwnColumn(
        Column.CONSENT,
        "Согласие показывать карточку",
        "согласие|согласие на показ|согласие на показ карточки|показывать карточку",
        r"^(?!.*персональн)(?!.*обработк).*(?:\bсогласи|\bпоказыв)",
    ),
)

MEMBERS = Layout(
    code="members",
    fields=PERSON,
    needs=(
        (LABELS[Field.FULL_NAME], NAME_WAYS),
        (LABELS[Field.ORGANIZATION], ONE_ORGANIZATION),
        (LABELS[Field.MUNICIPALITY], ONE_MUNICIPALITY),
    ),
    own=OWN,
)
