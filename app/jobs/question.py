"""`Question`: what is found once for all who ask, beside the page's thread, while the page shows what it has."""

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
    """What is asked; a visitor who then asks another of the same `kind` leaves it. `find` answers, and may tell the job
    that it is given how far it is. An answer that only one visitor may see is not `kept`.
    """

    kind: str
    key: str
    find: Callable[[Job], T | None]
    queue: Queue
    kept: Cache[T] | None = None
    whole: Callable[[T], bool] = lambda _: True
    """Whether all that an answer that is kept refers to is kept as well."""

    @property
    def known(self) -> T | None:
        """The answer, if it has been found and is still kept."""
        found = None if self.kept is None else self.kept.get(self.key)
        return found if found is not None and self.whole(found) else None


class Answer(Job, Generic[T]):
    """The answer to a question, on its way."""

    def __init__(self, question: Question[T]):
        super().__init__(f"{question.kind} {question.key}")
        self.question = question
        self.value: T | None = None

    def work(self) -> None:
        self.value = self.question.find(self)
        if self.value is not None and self.question.kept is not None:
            self.question.kept.put(self.question.key, self.value)


class Asked:
    """What one visitor has asked and not been told yet, the last of each kind. Lives in a browser tab's session."""

    def __init__(self) -> None:
        self._visitor = secrets.token_hex(8)
        self._answers: dict[str, Answer[Any]] = {}
        self._late: list[Job] = []

    @classmethod
    def of(cls, session: MutableMapping[Any, Any]) -> Asked:
        """What this session has asked."""
        if "asked" not in session:
            session["asked"] = cls()
        asked: Asked = session["asked"]
        return asked

    def ask(self, question: Question[T], *, patient: bool = False, again: bool = True) -> T | None:
        """The answer, if it is known, or found in a blink, or, to who is `patient`, at once. If not, and `again`, the
        page is to be drawn again when it is there (:meth:`late`). What has failed is not asked again: :meth:`failure`
        says why.
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
        try:
            return answer.question.queue.start(answer, self._visitor)
        except Busy as busy:
            answer.failure = str(busy)
            answer.done.set()
            return answer

    def failure(self, question: Question[Any]) -> str:
        """Why there is no answer, in one sentence, or nothing."""
        answer = self._answers.get(question.kind)
        return answer.failure if answer is not None and answer.question.key == question.key else ""

    def forget(self, kind: str) -> None:
        """Leaves the question of this kind."""
        if left := self._answers.pop(kind, None):
            left.leave(self._visitor)
            self._late = [answer for answer in self._late if answer is not left]

    def late(self) -> list[Job]:
        """What the page that is being drawn asked for and cannot show yet."""
        late, self._late = self._late, []
        return late

    def wait_for(self, late: list[Job]) -> bool:
        """Returns whether all of this is there; asking says that it is still wanted."""
        for job in late:
            job.watch(self._visitor)
        return all(job.done.is_set() for job in late)
