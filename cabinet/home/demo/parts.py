"""Who completed which course and what became of it."""

from random import Random
from typing import NamedTuple

from cabinet.home.demo import fates
from cabinet.home.demo.cast import HEAD, MENTOR, METHODIST, NOVICE, REGIONAL, TEACHER, Cast, Person
from cabinet.home.demo.fates import Fate, Opinion
from cabinet.home.demo.places import HOME
from cabinet.home.demo.programmes import HEAD as FOR_HEADS
from cabinet.home.demo.programmes import NURSE as FOR_NURSES
from cabinet.home.demo.programmes import STORIES, Story
from cabinet.home.demo.programmes import TEACHER as FOR_TEACHERS
from cabinet.home.demo.programmes import TUTOR as FOR_TUTORS

AUDIENCES = {
    "Учитель": FOR_TEACHERS,
    "Преподаватель": FOR_TEACHERS,
    "Воспитатель": FOR_NURSES,
    "Учитель-логопед": FOR_NURSES,
    "Педагог дополнительного образования": FOR_TUTORS,
}
FORMER_SHARE = 0.4  # of the teachers, who have finished a course before


class Part(NamedTuple):
    """One person's way through one course; `member` is the regional methodist who is asked, if anybody is."""

    person: Person
    story: Story
    fate: Fate
    opinion: Opinion
    member: Person


def deal_parts(random: Random, cast: Cast) -> list[Part]:
    """The demo's own school by hand, everybody else by shares."""
    at_home = [person for person in cast.colleagues if person.place == HOME][3:]  # after the three with names
    parts = _at_home(random, at_home)
    known = {part.person for part in parts}
    others = [person for person in cast.colleagues if person not in known]
    others += cast.heads[1::2] + cast.methodists[2::2]
    present = fates.deal(random, fates.PRESENT, len(others))
    for number, (person, fate) in enumerate(zip(others, present, strict=True)):
        opinion = fates.OPINIONS[number % len(fates.OPINIONS)]
        member = random.choice([one for one in cast.members[1:] if one.place != person.place])
        story = _story(random, person, fate)
        parts.append(Part(person, story, fate, opinion, member))
        if story.audience == FOR_TEACHERS and random.random() < FORMER_SHARE:
            former = fates.deal(random, fates.FORMER, 1)[0]
            parts.append(
                Part(person, _story(random, person, former, story), former, random.choice(fates.OPINIONS), member)
            )
    return parts


def _at_home(random: Random, colleagues: list[Person]) -> list[Part]:
    """Something of everything for those who look in: four waiting checklists, both turns of РМА, open steps."""
    wanted: list[tuple[Person, Fate, Opinion]] = [
        (TEACHER, fates.WAITING, fates.FULL),
        (TEACHER, fates.OLD_CLOSED, fates.FULL),
        (NOVICE, fates.FOLLOW_STEPS, fates.OTHER_TOPIC),
        (MENTOR, fates.CLOSED, fates.FULL_AND_OTHER),
        (HEAD, fates.REVIEW, fates.PARTIAL),
        (METHODIST, fates.OLD_CLOSED, fates.PARTIAL),
        *zip(
            colleagues,
            (
                fates.REVIEW,
                fates.REVIEW,
                fates.REVIEW_LATE,
                fates.RMA_SENT,
                fates.RMA_REVIEW,
                fates.FOLLOW,
                fates.LATE,
                fates.REVIEW,
                fates.RETURNED,
                fates.POSTPONED,
                fates.OBJECTED,
                fates.SETTLING,
            ),
            (
                fates.FULL,
                fates.ABSENT,
                fates.PARTIAL,
                fates.FULL,
                fates.PARTIAL,
                fates.ABSENT,
                fates.FULL,
                fates.ONLY_OTHER,
                fates.PARTIAL,
                fates.FULL,
                fates.ABSENT,
                fates.FULL,
            ),
            strict=False,
        ),
    ]
    return [Part(person, _story(random, person, fate), fate, opinion, REGIONAL) for person, fate, opinion in wanted]


def _story(random: Random, person: Person, fate: Fate, other_than: Story | None = None) -> Story:
    """A programme of the cohort that suits the person's post."""
    audience = AUDIENCES.get(person.position, FOR_HEADS)
    suitable = [STORIES[number] for number in fate.cohort.stories if STORIES[number].audience == audience]
    return random.choice([story for story in suitable if story != other_than])
