"""The words people head their columns with.

A heading is compared without case, spacing, punctuation and ё/е. Exact spellings come first; then stems, where
the stem that stands earliest decides («Кол-во часов программы» is about hours, «Программа, часы» about a programme).
"""

from __future__ import annotations

import re
from functools import lru_cache

from cabinet.courses.importing.fields import Field, OwnColumn

SURE, LIKELY, WEAK = 3, 2, 1
JOINER = " → "

EXACT: dict[Field, str] = {
    Field.FULL_NAME: (
        "фио|ф и о|фамилия имя отчество|фамилия имя отчество слушателя|фио слушателя|фио педагога|слушатель|"
        "педагог|педагогический работник|участник|фио полностью|сотрудник|работник|обучающийся|фио обучающегося|"
        "фамилия имя отчество при наличии|фамилия и о|ответственный|фио ответственного|fullname|name"
    ),
    Field.SURNAME: "фамилия|фам|фамилия слушателя|surname",
    Field.FIRST_NAME: "имя|имя слушателя|firstname",
    Field.PATRONYMIC: "отчество|отчество при наличии|отчество слушателя|отчество если имеется",
    Field.GIVEN_NAMES: "имя отчество|имя и отчество|и о",
    Field.ORGANIZATION: (
        "организация|образовательная организация|оо|оу|школа|учреждение|место работы|доу|садик|детский сад|школа сад|"
        "наименование оо|наименование оу|наименование организации|полное наименование организации|"
        "образовательное учреждение|место работы полностью|работодатель|название организации|название школы|"
        "школа доу|учебное заведение|образовательная организация полностью|"
        "оо место работы|место основной работы|краткое наименование оо"
    ),
    Field.MUNICIPALITY: (
        "муниципалитет|муниципальное образование|мо|район|округ|городской округ|муниципальный округ|"
        "муниципальный район|территория муниципалитет|район город|город район|город|мо район|наименование мо|"
        "муниципальный городской округ|мр го|мр|го|ато|территория|населенный пункт"
    ),
    Field.POSITION: "должность|занимаемая должность|должность по месту работы|должность слушателя|долж",
    Field.SUBJECT: "предмет|преподаваемый предмет|учебный предмет|дисциплина|предметы|преподаваемые предметы",
    Field.EMAIL: (
        "email|e mail|электронная почта|эл почта|почта|адрес электронной почты|емейл|имейл|мейл|mail|"
        "электронный адрес|эл адрес|электронная почта слушателя|адрес эл почты|емайл|имэйл"
    ),
    Field.PHONE: "телефон|тел|контактный телефон|мобильный телефон|номер телефона|сотовый|моб|сотовый телефон",
    Field.PROGRAMME: (
        "программа|дпп|кпк|курс|курсы|программа дпп|наименование дпп|наименование программы|название программы|"
        "наименование курса|название курса|наименование дпп пк|дпп пк|программа пк|тема курса|тема кпк|тема курсов|"
        "программа повышения квалификации|название кпк|наименование кпк|тема|курсы повышения квалификации|"
        "дополнительная профессиональная программа|наименование|название|программа обучения"
    ),
    Field.TOPIC: "тематика|направление|тематика программы|направление подготовки|тематическое направление",
    Field.HOURS: (
        "часы|час|ч|количество часов|кол во часов|колво часов|число часов|объем|объем часов|объем ч|трудоемкость|"
        "объем программы|объем часы|часов|продолжительность|объем в часах|кол часов|ак часы|ак ч"
    ),
    Field.STARTS_ON: (
        "начало|дата начала|начало обучения|дата начала обучения|начало курса|дата зачисления|с|"
        "начат|дата с|с какого числа"
    ),
    Field.ENDS_ON: (
        "окончание|дата окончания|окончание обучения|дата окончания обучения|завершение|дата завершения|конец|"
        "завершение обучения|окончание курса|дата отчисления|по|окончил|окончила|завершил|"
        "дата завершения обучения|дата по|по какое число"
    ),
    Field.PERIOD: (
        "сроки|срок|сроки обучения|срок обучения|период|период обучения|даты|дата|даты обучения|дата обучения|"
        "дата проведения|даты проведения|сроки проведения|дата прохождения|сроки прохождения|период прохождения|"
        "дата курсов|время обучения|срок освоения|срок проведения|дата начала и окончания|когда"
    ),
    Field.ISSUED_ON: "дата выдачи|дата выдачи удостоверения|дата удостоверения|дата выдачи документа|выдано",
    Field.TRACK: (
        "отслеживать|отслеживание|отслеживается|отследить|отслеживать да нет|мотор|в мотор|участие в моторе|"
        "участвует в моторе|выборка|в выборке"
    ),
    Field.ROLE: "роль|роль в моторе|роль в кабинете|роли|за что отвечает|функция|обязанности|ответственность",
    Field.LOW_RESULTS: "шнор|школа с низкими результатами|низкие результаты|шнор да нет",
}  # fmt: skip

# Stems by field, each a regular expression over the words of the heading.
STEMS: list[tuple[Field, str]] = [
    (Field.EMAIL, r"\be ?mail|\bмейл|\bемейл|\bимейл|электронн\w* (?:почт|адрес)|\bпочт|\bэл (?:почт|адрес)"),
    (Field.ISSUED_ON, r"дат\w* (?:\w+ )?(?:выдач|удостовер|документ)|выдач\w* удостовер"),
    (Field.PERIOD, r"начал\w* (?:и |/ )?(?:оконч|заверш|конец|конц)"),
    (Field.ENDS_ON, r"оконч|заверш|\bконец|отчислен"),
    (Field.STARTS_ON, r"\bначал[оа]?\b|зачислен"),
    (Field.HOURS, r"\bчас(?:ы|ов|а|ах)?\b|трудоемк|\bобъем|продолжительн"),
    (Field.PERIOD, r"\bсрок|\bпериод|\bдат[аы] (?:обуч|провед|прохожд|курс|кпк|мероп)|время обуч|\bдаты\b"),
    (Field.SURNAME, r"^фамилия(?!.*\bимя)"),
    (Field.FULL_NAME, r"\bфио\b|\bф и о\b|фамилия.*\bимя|\bслушател|\bпедагог\b|\bучастник"),
    (Field.PATRONYMIC, r"^отчество"),
    (Field.GIVEN_NAMES, r"^имя (?:и )?отчество"),
    (Field.FIRST_NAME, r"^имя\b"),
    (Field.POSITION, r"\bдолжност"),
    (Field.SUBJECT, r"\bпредмет|\bдисциплин"),
    (Field.TRACK, r"\bотслежив|\bотследить|участ\w* в мотор"),
    (Field.ROLE, r"\bрол[ьи]\b"),
    (Field.LOW_RESULTS, r"\bшнор\b|низк\w+ (?:образовательн\w+ )?результат"),
    (Field.PHONE, r"\bтелефон|\bтел\b|\bмоб\b|\bсотов"),
    (Field.ORGANIZATION, r"организаци|\bучрежд|\bшкол|мест[оа] работы|\bоо\b|\bоу\b|\bдоу\b|\bработодател"),
    (Field.MUNICIPALITY, r"муниципалитет|муниципальн\w* образован|\bрайон|\bокруг|\bмо\b|территор|\bгород\b"),
    (Field.PROGRAMME, r"\bпрограмм|\bдпп\b|\bкпк\b|\bкурс|\bтема\b|повышени\w* квалификац"),
    (Field.TOPIC, r"\bтематик|\bнаправлени"),
]  # fmt: skip

# Columns that look like one of ours and are not. Birth dates and documents are never taken.
NEVER = re.compile(
    r"рожден|паспорт|снилс|\bинн\b|\bпол\b|\bвозраст|стаж|категори|образовани[ея] (?:слушат|педагог)|"
    r"серия|регистрацион|номер (?:удостов|документ|приказ|групп)|№ (?:удостов|документ|приказ|групп)|"
    r"приказ|номер курса|вид (?:програм|обуч|дпп|документ)|тип (?:програм|обуч|организац|оо\b)|"
    r"форма (?:обуч|програм|провед)|уровень|стоимост|оплат|договор|примечан|"
    r"(?:фио|организац\w*|мест[оа]|\bоо) (?:\w+ )?(?:руководител|директор|куратор|реализу|обучени|проведен)|"
    r"куратор|реализующ|организатор|место (?:обуч|провед)"
)
NUMBER = re.compile(r"^(?:№|n|no|номер|#)?[\s№]*(?:п ?п)?$|^номер (?:п п|по порядку)$|^порядковый номер$")


def spelled(text: str) -> str:
    """Words of a heading: lower case, ё as е, one space between, no punctuation but №."""
    lowered = text.casefold().replace("ё", "е").replace("\u00ad", "")
    # «Муници- пальное»: a hyphen at the end of a line in a narrow column.
    lowered = re.sub(r"(?<=[а-я])-\s+(?=[а-я])", "", lowered)
    return re.sub(r"[^0-9a-zа-я№]+", " ", lowered).strip()


def key(text: str) -> str:
    return spelled(text).replace(" ", "")


EXACT_KEYS: dict[str, Field] = {key(word): meant for meant, words in EXACT.items() for word in words.split("|")}
# Words that are right only when nothing better is there.
WEAK_KEYS = {
    key(word)
    for word in re.split(
        r"\|",
        "территория|населенный пункт|город|дата|наименование|название|тема|участник|сотрудник|работник|ответственный|"
        "name|объем|продолжительность|с|по|и о|когда|выдано",
    )
}
STEM_PATTERNS = [(meant, re.compile(pattern)) for meant, pattern in STEMS]


@lru_cache(maxsize=4096)
def meaning(heading: str, own: tuple[OwnColumn, ...] = ()) -> tuple[str | None, int]:
    """What a heading means and how sure that is; two rows of a header are joined by an arrow.

    `own` are the columns of this kind of list alone.
    """
    found = own_meaning(heading, own)
    return (found, SURE if key(heading) in own_keys(own) else LIKELY) if found else common_meaning(heading)


def own_meaning(heading: str, own: tuple[OwnColumn, ...]) -> str | None:
    bare = re.sub(r"\([^)]*\)", " ", heading)
    for text in dict.fromkeys((heading, bare)):
        if key(text) in own_keys(own):
            return own_keys(own)[key(text)]
    # Without the remark in brackets first: «Категория (дата присвоения)» is about the category.
    for words in dict.fromkeys((spelled(bare), spelled(heading))):
        for column in own:
            if column.stem and re.search(column.stem, words):
                return column.code
    return None


@lru_cache(maxsize=8)
def own_keys(own: tuple[OwnColumn, ...]) -> dict[str, str]:
    return {key(word): column.code for column in own for word in column.exact.split("|")}


def common_meaning(heading: str) -> tuple[Field | None, int]:
    upper, arrow, lower = heading.partition(JOINER)
    whole = spelled(heading)
    if not whole or NUMBER.match(whole):
        return None, 0
    if arrow:
        below = common_meaning(lower)
        if below[0] is not None and not NEVER.search(whole):
            return below[0], LIKELY
        if below[0] is None and NUMBER.match(spelled(lower)):
            return common_meaning(upper)
    # «Место работы (полностью)»: the remark in brackets decides only when nothing else does.
    for text in dict.fromkeys((heading, re.sub(r"\([^)]*\)", " ", heading))):
        exact = EXACT_KEYS.get(key(text))
        if exact is not None:
            return exact, WEAK if key(text) in WEAK_KEYS else SURE
    if NEVER.search(whole):
        return None, 0
    return by_stem(whole)


def by_stem(words: str) -> tuple[Field | None, int]:
    if STEM_PATTERNS[0][1].search(words):
        return Field.EMAIL, LIKELY  # «Телефон, e-mail»: the address is found inside the cell
    hits = [
        (match.start(), order, meant)
        for order, (meant, pattern) in enumerate(STEM_PATTERNS)
        if (match := pattern.search(words))
    ]
    if not hits:
        return None, 0
    dated = [hit for hit in hits if hit[2] in DATED]
    # «Дата окончания обучения по программе»: a date stays a date wherever the other words stand after it.
    if dated and (words.startswith(("дат", "срок", "период", "когда")) or min(dated)[0] <= min(hits)[0]):
        return min(dated, key=lambda hit: hit[1])[2], LIKELY
    return min(hits)[2], LIKELY


DATED = frozenset({Field.ISSUED_ON, Field.PERIOD, Field.ENDS_ON, Field.STARTS_ON})


def is_subheading(text: str, own: tuple[OwnColumn, ...] = ()) -> bool:
    """Whether a cell of a second header row is a heading by itself («начало», «имя») and not somebody's data."""
    known = key(text) in EXACT_KEYS or key(text) in own_keys(own)
    return known or text.startswith("(") or bool(NUMBER.match(spelled(text)))
