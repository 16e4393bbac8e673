"""How far a case goes in the demo, and what is found in it."""

from random import Random
from typing import NamedTuple


class Opinion(NamedTuple):
    """A, B and D of the checklist; the survey is written to match."""

    is_significant: bool
    practice: str
    has_other_topic: bool = False


FULL = Opinion(True, "full")
FULL_AND_OTHER = Opinion(True, "full", True)
PARTIAL = Opinion(True, "partial")
ABSENT = Opinion(True, "absent")
OTHER_TOPIC = Opinion(True, "absent", True)
NOTHING = Opinion(False, "")
ONLY_OTHER = Opinion(False, "", True)
OPINIONS = (FULL, PARTIAL, FULL, PARTIAL, ABSENT, OTHER_TOPIC, FULL_AND_OTHER, NOTHING, PARTIAL, ONLY_OTHER)


class Cohort(NamedTuple):
    """Courses of one list. The first case opens `opened` days ago: real days when fresh, else days in which
    cases open at all (never in the summer). Less than zero: it will open in the future."""

    file_name: str
    opened: int
    is_fresh: bool
    stories: tuple[int, ...]


OLD = Cohort("Слушатели КПК, прошлый учебный год.xlsx", 150, False, (0, 4, 6, 9, 11))
SETTLED = Cohort("Слушатели КПК, список 2.xlsx", 66, False, (1, 2, 6, 7, 8, 11))
WORKING = Cohort("Слушатели КПК, список 3.xlsx", 36, True, (3, 4, 5, 6, 10, 11))
FRESH = Cohort("Слушатели КПК, список 4.xlsx", 17, True, (1, 6, 8, 9, 11))
COMING = Cohort("Слушатели КПК, новый список.xlsx", -9, True, (0, 2, 4, 6, 11))
COHORTS = (OLD, SETTLED, WORKING, FRESH, COMING)


class Act(NamedTuple):
    """What is done and how many days ago. A negative number counts days from the opening instead."""

    name: str
    days: int


class Fate(NamedTuple):
    """`acts` after the opening `opened` days ago, in the cohort's own way of counting."""

    name: str
    cohort: Cohort
    opened: int
    acts: tuple[Act, ...] = ()


SCHEDULED = Fate("scheduled", COMING, 0)
WAITING = Fate("waiting", FRESH, 6)
LATE = Fate("late", FRESH, 17)
REVIEW = Fate("review", FRESH, 12, (Act("answer", -3),))
REVIEW_LATE = Fate("review_late", WORKING, 36, (Act("answer", -2),))
RMA_WANTED = Fate("rma_wanted", WORKING, 33, (Act("answer", -4), Act("ask_nobody", 3)))
RMA_SENT = Fate("rma_sent", WORKING, 32, (Act("answer", -5), Act("ask", 2)))
RMA_DECLINED = Fate(
    "rma_declined", WORKING, 34, (Act("answer", -4), Act("ask", 9), Act("decline", 7), Act("rename", 2))
)
RMA_REVIEW = Fate("rma_review", WORKING, 34, (Act("answer", -3), Act("ask", 15), Act("accept", 12)))
FOLLOW = Fate("follow", WORKING, 35, (Act("answer", -5), Act("assess", 12)))
FOLLOW_HELP = Fate("follow_help", WORKING, 35, (Act("answer", -4), Act("assess_with_help", 14), Act("accept", 10)))
FOLLOW_STEPS = Fate("follow_steps", SETTLED, 64, (Act("answer", -6), Act("assess", -20), Act("step", -40)))
FOLLOW_RECORDED = Fate("follow_recorded", SETTLED, 63, (Act("answer", -3), Act("assess", -16), Act("record", -34)))
RMA_DONE = Fate(
    "rma_done", SETTLED, 62, (Act("answer", -5), Act("ask", -14), Act("accept", -17), Act("assess_rma", -31))
)
DISAGREED = Fate(
    "disagreed", SETTLED, 62, (Act("answer", -6), Act("ask", -15), Act("accept", -18), Act("assess_rma_other", -33))
)
WITHOUT_RMA = Fate("without_rma", SETTLED, 61, (Act("answer", -4), Act("ask_nobody", -13), Act("go_on", -26)))
SILENT = Fate("silent", SETTLED, 66)
CLOSED = Fate("closed", SETTLED, 66, (Act("answer", -4), Act("assess", -15), Act("record", -25), Act("all_steps", -44)))
OLD_CLOSED = Fate(
    "old_closed", OLD, 150, (Act("answer", -6), Act("assess", -18), Act("record", -40), Act("all_steps", -70))
)
OLD_CLOSED_RMA = Fate(
    "old_closed_rma",
    OLD,
    148,
    (
        Act("answer", -8),
        Act("ask", -20),
        Act("accept", -23),
        Act("assess_rma", -38),
        Act("record", -55),
        Act("all_steps", -82),
    ),
)
OLD_CLOSED_EARLY = Fate("old_closed_early", OLD, 146, (Act("answer", -9), Act("assess", -24), Act("close", -60)))
OLD_SILENT = Fate("old_silent", OLD, 145)
STOPPED = Fate("stopped", SETTLED, 64, (Act("stop", -20),))
RETURNED = Fate("returned", FRESH, 13, (Act("answer", -3), Act("send_back", 4)))
BY_WORD = Fate("by_word", WORKING, 34, (Act("go_without_survey", -20),))
POSTPONED = Fate("postponed", WORKING, 35, (Act("answer", -5), Act("postpone", 8)))
NOT_ASSESSED = Fate("not_assessed", SETTLED, 63, (Act("answer", -9), Act("leave", -35)))
PAUSED = Fate("paused", FRESH, 14, (Act("pause", 6),))
BACK_AT_SCHOOL = Fate(
    "back_at_school", WORKING, 36, (Act("answer", -3), Act("ask", 20), Act("accept", 17), Act("back_to_school", 5))
)
OBJECTED = Fate("objected", WORKING, 35, (Act("answer", -4), Act("assess", 14), Act("object", 3)))
REOPENED = Fate(
    "reopened", SETTLED, 64, (Act("answer", -5), Act("assess", -18), Act("object", -22), Act("uphold", -30))
)
SETTLING = Fate(
    "settling",
    SETTLED,
    62,
    (Act("answer", -6), Act("ask", -15), Act("accept", -18), Act("assess_rma_other", -33), Act("propose", -40)),
)

# Shares of the present fates among plain colleagues, and of former ones.
PRESENT = (
    (SCHEDULED, 18), (WAITING, 13), (LATE, 4), (REVIEW, 13), (REVIEW_LATE, 4), (RMA_WANTED, 2), (RMA_SENT, 3),
    (RMA_DECLINED, 2), (RMA_REVIEW, 4), (FOLLOW, 9), (FOLLOW_HELP, 2), (FOLLOW_STEPS, 6), (FOLLOW_RECORDED, 5),
    (RMA_DONE, 3), (DISAGREED, 2), (WITHOUT_RMA, 2), (SILENT, 7), (CLOSED, 13), (STOPPED, 2),
    (RETURNED, 2), (BY_WORD, 2), (POSTPONED, 2), (NOT_ASSESSED, 2), (PAUSED, 1), (BACK_AT_SCHOOL, 1),
    (OBJECTED, 1), (REOPENED, 1), (SETTLING, 1),
)  # fmt: skip
FORMER = ((OLD_CLOSED, 6), (OLD_CLOSED_RMA, 2), (OLD_CLOSED_EARLY, 1), (OLD_SILENT, 2))


def deal(random: Random, shares: tuple[tuple[Fate, int], ...], count: int) -> list[Fate]:
    """`count` fates in a random order with every kind among them, as near to the shares as may be."""
    total = sum(share for _, share in shares)
    dealt = [fate for fate, share in shares for _ in range(max(1, round(share * count / total)))]
    random.shuffle(dealt)
    missing = count - len(dealt)
    return dealt[:count] if missing <= 0 else dealt + [fate for fate, _ in shares[:missing]]
