"""The normative base of the regional system (domain.md section 8), in the institute's own words and figures."""

from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cabinet.library.models import Material, MaterialVersion

# «Субъекты РС НМС» of the institute's slides, in their order: (name, kind of community in the cabinet or nothing).
SUBJECTS_OF_SYSTEM = (
    ("ММС", "mms"),
    ("РМА", ""),
    ("РУМО УГС 44.00.00", "rumo"),
    ("методические объединения", "mo"),
    ("профессиональные сообщества", "professional"),
)
MON = "Министерство образования и науки Пермского края"
INSTITUTE = "ГАУ ДПО «ИРО ПК»"
WHERE = (
    "Полный текст ищите у того, кто принял документ: на его официальном сайте или в справочной правовой системе, "
    "по номеру и дате.\n\nФайл или ссылку хранитель библиотеки добавит сюда новой версией материала."
)


class Norm(NamedTuple):
    title: str
    level: str
    issuer: str
    number: str
    issued_on: date
    amended: str
    summary: str


NORMS = (
    Norm(
        "Концепция создания единой федеральной системы научно-методического сопровождения педагогических работников "
        "и управленческих кадров",
        Material.Level.FEDERAL,
        "Минпросвещения России",
        "Р-174",
        date(2020, 12, 6),
        "от 15.12.2022 г. № Р-303",
        "Распоряжение Минпросвещения России. Дата 06.12.2020 — как в материалах института; чаще документ указывают с "
        "датой 16.12.2020, сверьте её по официальной публикации.",
    ),
    Norm(
        "Концепция региональной системы научно-методического сопровождения и обеспечения профессионального развития "
        "педагогических работников и управленческих кадров Пермского края",
        Material.Level.REGIONAL,
        MON,
        "26-01-06-545",
        date(2022, 6, 10),
        "от 10.04.2023 № 26-01-06-317",
        "Приказ МОН. Основание региональной системы научно-методического сопровождения (РС НМС).",
    ),
    Norm(
        "О региональном методическом активе в Пермском крае",
        Material.Level.REGIONAL,
        INSTITUTE,
        "01.01-05/289",
        date(2022, 9, 15),
        "",
        "Приказ ГАУ ДПО «ИРО ПК» о региональном методическом активе (РМА).",
    ),
    Norm(
        "Об организации работы регионального методического актива в Пермском крае",
        Material.Level.REGIONAL,
        INSTITUTE,
        "01.01-05/456",
        date(2022, 12, 30),
        "",
        "Приказ ГАУ ДПО «ИРО ПК» о том, как организована работа регионального методического актива (РМА).",
    ),
)


@transaction.atomic
def load_norms() -> int:
    """Put the documents that are not there yet into the library; how many came.

    What is there under the same number or title is the keeper's by now, archived or rewritten: it is left alone.
    """
    made = 0
    for norm in NORMS:
        known = Material.objects.filter(kind=Material.Kind.NORMATIVE).filter(
            Q(number=norm.number) | Q(title=norm.title)
        )
        if not known.exists():
            _put(norm)
            made += 1
    return made


def _put(norm: Norm) -> None:
    now = timezone.now()
    licence = Material.Licence.OFFICIAL
    material = Material.objects.create(kind=Material.Kind.NORMATIVE, licence=licence, **norm._asdict())
    version = MaterialVersion.objects.create(
        material=material,
        number=1,
        form=MaterialVersion.Form.TEXT,
        body=WHERE,
        state=MaterialVersion.State.PUBLISHED,
        published_at=now,
    )
    Material.objects.filter(pk=material.pk).update(state=Material.State.PUBLISHED, current=version, published_at=now)
