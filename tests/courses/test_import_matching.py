"""Municipalities and organizations as lists call them."""

import pytest

from cabinet.core.search import key
from cabinet.courses.services.municipalities import Municipalities, UnknownMunicipality
from cabinet.courses.services.organizations import closest, guess_kind
from cabinet.home.reference import load_reference
from cabinet.structure.models import Municipality

PERM_CITY, PERM_DISTRICT = "Пермский городской округ", "Пермский муниципальный округ"

MEANT = {
    PERM_CITY: [
        "Пермский городской округ",
        "городской округ Пермский",
        "Пермский ГО",
        "г. Пермь",
        "Пермь",
        "город Пермь",
        "ПЕРМСКИЙ Г.О.",
        "Пермский край, г. Пермь",
        "Пермь, Свердловский район",
    ],
    PERM_DISTRICT: [
        "Пермский муниципальный округ",
        "муниципальный округ Пермский",
        "Пермский МО",
        "Пермский район",
        "Пермский м.р.",
        "Пермский муниципальный район",
        "Пермский муниципальный округ Пермского края",
    ],
    "Кунгурский муниципальный округ": [
        "Кунгурский МО",
        "г. Кунгур",
        "Кунгур",
        "Кунгурский",
        "кунгурский  м.о.",
        "Администрация Кунгурского муниципального округа",
        "Кунгурский городской округ",
        "МО Кунгурский",
    ],
    "ЗАТО Звёздный": ["ЗАТО Звёздный", "Звездный ЗАТО", "ЗАТО п. Звездный", "Звёздный", "пгт Звёздный"],
    "Березниковский муниципальный округ": ["Березники", "г. Березники", "Березниковский"],
    "Лысьвенский муниципальный округ": ["Лысьва"],
    "Добрянский муниципальный округ": ["Добрянка"],
    "Чайковский городской округ": ["Чайковский", "г. Чайковский", "Чайковский муниципальный округ"],
    "Чусовской муниципальный округ": ["Чусовой", "Чусовского МО", "Чусовской"],
    "Осинский муниципальный округ": ["Оса", "г.Оса"],
    "Верещагинский муниципальный округ": ["Верещагино"],
    "Очёрский муниципальный округ": ["Очер", "Очёр", "Очерский район"],
    "Берёзовский муниципальный округ": ["Березовский м/о"],
    "Краснокамский муниципальный округ": ["Краснокамск"],
    "Губахинский муниципальный округ": ["Губаха"],
    "Чернушинский муниципальный округ": ["Чернушка"],
    "Чердынский муниципальный округ": ["Чердынь"],
}


@pytest.fixture
def municipalities(db: None) -> Municipalities:
    load_reference()
    return Municipalities()


@pytest.mark.parametrize(("text", "meant"), [(text, meant) for meant, texts in MEANT.items() for text in texts])
def test_municipality(municipalities: Municipalities, text: str, meant: str) -> None:
    assert str(municipalities.find(text)) == meant


def test_every_municipality_in_either_order(municipalities: Municipalities) -> None:
    for one in Municipality.objects.all():
        kind = one.get_kind_display()
        assert municipalities.find(f"{one.name} {kind}") == municipalities.find(f"{kind} {one.name}") == one


@pytest.mark.parametrize("text", ["Пермский", "Екатеринбургский городской округ", "Екатеринбург", "МО", "12", "Район"])
def test_uncertain_municipality(municipalities: Municipalities, text: str) -> None:
    with pytest.raises(UnknownMunicipality):
        municipalities.find(text)


def test_ambiguous_name_asks_which(municipalities: Municipalities) -> None:
    with pytest.raises(UnknownMunicipality, match=f"{PERM_DISTRICT} или {PERM_CITY}"):
        municipalities.find("Пермский")


def test_unknown_name_offers_the_nearest(municipalities: Municipalities) -> None:
    with pytest.raises(UnknownMunicipality, match="похожие: Кунгурский муниципальный округ"):
        municipalities.find("Кынгурский округ")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("МАОУ «СОШ № 5»", "school"),
        ("МБОУ «Гимназия № 1»", "school"),
        ("Лицей № 3", "school"),
        ("МБОУ «Кадетская школа»", "school"),
        ("МАДОУ «Детский сад № 93»", "kindergarten"),
        ("Детский сад «Ромашка»", "kindergarten"),
        ("МБДОУ № 4", "kindergarten"),
        ("МБОУ «Начальная школа – детский сад № 5»", "school"),
        ("МАУ ДО «Дворец творчества»", "extra"),
        ("МБУДО «Детская школа искусств»", "extra"),
        ("МАОУ ДО ДЮЦ «Радуга»", "extra"),
        ("ГБПОУ «Пермский политехнический колледж»", "college"),
        ("КГАПОУ «Техникум № 2»", "college"),
        ("ГКБОУ «Общеобразовательная школа-интернат для обучающихся с ОВЗ»", "special"),
        ("МБОУ «Коррекционная школа № 9»", "special"),
        ("Управление образования", "other"),
    ],
)
def test_kind_is_guessed_from_the_name(name: str, kind: str) -> None:
    assert guess_kind(name) == kind


def test_nearest_are_alike_and_of_the_same_number() -> None:
    known = [(pk, name, key(name)) for pk, name in enumerate(["МБОУ «СОШ № 5»", "МБОУ «СОШ № 55»", "Лицей № 5", "Сад"])]
    assert closest(key("Средняя школа № 5 (МБОУ СОШ)"), known, 3) == [(0, "МБОУ «СОШ № 5»")]
