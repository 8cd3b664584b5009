"""`Question`: something that a page wants to know beside its film. It is found once for all who ask, on a worker's
thread, while the page shows what it has.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from app.jobs.cache import Cache
from app.jobs.job import Job
from app.jobs.queue import Busy, Queue
from app.jobs.turnstile import TURNSTILE

BLINK: Final = 0.02
"""Seconds that a page waits in its turn for what only a few words of it need."""
AT_ONCE: Final = 0.4
"""Seconds that it waits for a film or a figure before it shows that it is late."""

T = TypeVar("T")


@dataclass(frozen=True)
class Question(Generic[T]):
    """Something to be found by `find`, which gets the job that does it, to tell how far it is. A visitor waits for one
    question of each `kind`: who asks another leaves the one before. Answers are kept in `kept`; one that only one
    visitor may see is not.
    """

    kind: str
    key: str
    find: Callable[[Job], T | None]
    queue: Queue
    kept: Cache[T] | None = None
    whole: Callable[[T], bool] = lambda _: True
    """Returns whether all that a kept answer refers to is kept as well."""

    @property
    def known(self) -> T | None:
        """The answer, if it has been found and is still kept."""
        found = None if self.kept is None else self.kept.get(self.key)
        return found if found is not None and self.whole(found) else None


class Answer(Job, Generic[T]):
    """The job that finds the answer to a question."""

    def __init__(self, question: Question[T]):
        super().__init__(f"{question.kind} {question.key}")
        self.question = question
        self.value: T | None = None

    def work(self) -> None:
        self.value = self.question.find(self)
        if self.value is not None and self.question.kept is not None:
            self.question.kept.put(self.question.key, self.value)


class Asked:
    """The questions that one visitor has asked and has no answer to yet, the last of each kind. It lives in a browser
    tab's session.
    """

    def __init__(self) -> None:
        self._visitor = secrets.token_hex(8)
        self._answers: dict[str, Answer[Any]] = {}
        self._late: list[Job] = []

    @classmethod
    def of(cls, session: MutableMapping[Any, Any]) -> Asked:
        """Returns what this session has asked, begun if need be."""
        asked: Asked = session.setdefault("asked", cls())
        return asked

    def ask(self, question: Question[T], *, patient: bool = False, again: bool = True) -> T | None:
        """Asks, and returns the answer if it is known or found within BLINK, or within AT_ONCE for who is `patient`.
        Returns None if not; with `again` the page is then drawn anew when the answer is there (:meth:`take_late`). What
        has failed is not asked again: :meth:`failure` says why.
        """
        answer = self._answers.get(question.kind)
        if answer is not None and answer.question.key != question.key:
            self.forget(question.kind)
            answer = None
        if (known := question.known) is not None:
            self._answers.pop(question.kind, None)
            return known
        if answer is None:
            answer = self._answers[question.kind] = self._start(Answer(question))
        answer.watch(self._visitor, AT_ONCE)
        if not answer.done.wait(BLINK) and patient:
            with TURNSTILE.aside():
                answer.done.wait(AT_ONCE)
        if not answer.done.is_set():
            self._late += [answer] * again
            return None
        if not answer.failure:
            del self._answers[question.kind]
            self._late += [answer] * (again and answer.value is None)  # everybody had left: it is to be asked again
        value: T | None = answer.value
        return value

    def _start(self, answer: Answer[T]) -> Answer[T]:
        """Starts to look for an answer. Returns the one that is looked for already, if somebody has asked before."""
        try:
            return answer.question.queue.start(answer, self._visitor)
        except Busy as busy:
            answer.failure = str(busy)
            answer.done.set()
            return answer

    def failure(self, question: Question[Any]) -> str:
        """Returns one sentence on why there is no answer, empty where nothing has failed."""
        answer = self._answers.get(question.kind)
        return answer.failure if answer is not None and answer.question.key == question.key else ""

    def forget(self, kind: str) -> None:
        """Leaves the question of this kind."""
        if left := self._answers.pop(kind, None):
            left.leave(self._visitor)
            self._late = [answer for answer in self._late if answer is not left]

    def take_late(self) -> list[Job]:
        """Takes the jobs whose answers the page that is being drawn asked for and cannot show yet."""
        late, self._late = self._late, []
        return late

    def watch(self, late: list[Job]) -> bool:
        """Says that these are still wanted. Returns whether all of them are done."""
        for job in late:
            job.watch(self._visitor)
        return all(job.done.is_set() for job in late)
