"""What a member reads before he agrees to show his card (ours). A changed text is a new version; former ones stay.

The log says which version was agreed to, by whom, when and from where. The record of `cabinet.users.grounds` does not
fit: its notices are one row of versions, and the newest of them is what teachers are shown before a survey.
"""

from typing import NamedTuple


class Part(NamedTuple):
    """`lead` is said first and in bold."""

    lead: str
    text: str


TEXTS: dict[int, tuple[Part, ...]] = {
    1: (
        Part(
            "Увидят",
            "руководители и методисты организаций, наставники, методисты РМА, специалисты ММС и кураторы программ: "
            "имя, организацию, должность, предметы, роли, функции и направления, образование, стаж, категорию, "
            "пройдена ли оценка компетенций, сколько у вас открытых запросов.",
        ),
        Part("Не увидят", "почту и телефон, приказы, документы, заметки, историю и сами запросы."),
        Part(
            "",
            "Пока методист действует, показанную карточку находят в списке. Администратор и специалист ММС вашего "
            "муниципалитета видят её всегда: они ведут состав РМА.",
        ),
    ),
}
TEXTS[2] = (
    *TEXTS[1],
    Part(
        "",
        "Без согласия коллеги видят только имя, организацию, предметы и нагрузку, когда подбирают методиста; "
        "карточка закрыта.",
    ),
)
VERSION = max(TEXTS)
