"""Invented organizations in real municipalities; the numbers and villages are chosen so that none exists."""

from typing import NamedTuple

from cabinet.structure.models import Municipality, Organization

SCHOOL, KINDERGARTEN = Organization.Kind.SCHOOL, Organization.Kind.KINDERGARTEN
EXTRA, COLLEGE, SPECIAL = Organization.Kind.EXTRA, Organization.Kind.COLLEGE, Organization.Kind.SPECIAL
MUNICIPAL, URBAN = Municipality.Kind.MUNICIPAL, Municipality.Kind.URBAN


class Place(NamedTuple):
    municipality: tuple[str, str]
    name: str
    kind: str
    low_results: bool = False


PERM = ("Пермский", URBAN)
BEREZNIKI = ("Березниковский", MUNICIPAL)
SOLIKAMSK = ("Соликамский", MUNICIPAL)
VISHERA = ("Красновишерский", MUNICIPAL)
CHERDYN = ("Чердынский", MUNICIPAL)
KUNGUR = ("Кунгурский", MUNICIPAL)
KUDYMKAR = ("Кудымкарский", MUNICIPAL)
TCHAIKOVSKY = ("Чайковский", URBAN)

HOME = Place(PERM, "МАОУ «СОШ № 217» г. Перми", SCHOOL)  # where most of the demo's logins work

PLACES = (
    HOME,
    Place(PERM, "МАОУ «Гимназия № 203» г. Перми", SCHOOL),
    Place(PERM, "МАОУ «СОШ № 229 с углублённым изучением математики» г. Перми", SCHOOL),
    Place(PERM, "МАДОУ «Детский сад № 521 «Рябинка» г. Перми", KINDERGARTEN),
    Place(PERM, "МАДОУ «Детский сад № 534 «Тропинка» г. Перми", KINDERGARTEN),
    Place(PERM, "МАУ ДО «Дворец творчества «Камертон» г. Перми", EXTRA),
    Place(PERM, "ГБПОУ «Прикамский техникум сервиса и ремёсел»", COLLEGE),
    Place(BEREZNIKI, "МАОУ «СОШ № 71»", SCHOOL),
    Place(BEREZNIKI, "МАОУ «СОШ № 74»", SCHOOL, low_results=True),
    Place(BEREZNIKI, "МАДОУ «Детский сад № 186 «Сказка»", KINDERGARTEN),
    Place(BEREZNIKI, "ГБПОУ «Верхнекамский колледж технологий»", COLLEGE),
    Place(SOLIKAMSK, "МАОУ «СОШ № 61»", SCHOOL),
    Place(SOLIKAMSK, "МБОУ «Рябиновская СОШ»", SCHOOL, low_results=True),
    Place(SOLIKAMSK, "МАДОУ «Детский сад № 144 «Солнышко»", KINDERGARTEN),
    Place(SOLIKAMSK, "ГКОУ «Специальная школа-интернат «Перспектива»", SPECIAL),
    Place(VISHERA, "МБОУ «СОШ № 41»", SCHOOL),
    Place(VISHERA, "МБОУ «Верхнеключевская СОШ»", SCHOOL, low_results=True),
    Place(VISHERA, "МБДОУ «Детский сад № 32 «Теремок»", KINDERGARTEN),
    Place(CHERDYN, "МБОУ «Светлоборская СОШ»", SCHOOL),
    Place(CHERDYN, "МБОУ ДО «Дом творчества «Северное сияние»", EXTRA),
    Place(KUNGUR, "МАОУ «СОШ № 57»", SCHOOL),
    Place(KUNGUR, "МБОУ «Заозёрская основная школа»", SCHOOL, low_results=True),
    Place(KUNGUR, "МАДОУ «Детский сад № 63 «Ладушки»", KINDERGARTEN),
    Place(KUDYMKAR, "МБОУ «Нижнеборская СОШ»", SCHOOL),
    Place(KUDYMKAR, "МБДОУ «Детский сад «Кораблик» с. Ключи Новые", KINDERGARTEN),
    Place(TCHAIKOVSKY, "МАОУ «СОШ № 51»", SCHOOL),
    Place(TCHAIKOVSKY, "МАУ ДО «Станция юных техников «Импульс»", EXTRA),
)
