"""Many questions at once: how many are under way, how long is waited, what may be spent, and when it is better to stop."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence

from thousand.endpoint.call import LONGEST_WAIT, Caller, Failure
from thousand.endpoint.kept import Kept
from thousand.endpoint.replies import CapReached, Question, Reply, Tally
from thousand.errors import RecipeError, ThousandError

GIVE_UP_AFTER = 20  # questions in a row: then it is the server that fails, and to go on would turn a whole pool into nulls

_OWN_FAULT = {400, 413, 422}  # statuses that say the question cannot be answered, which says nothing of the next one


class Asking:
    """One list of questions, shared by workers in one event loop.

    Args:
        who: the model and its server, for errors. key: the name of the variable with the key.
        finished: called with each question's key and reply.
    """

    def __init__(
        self,
        call: Caller,
        kept: Kept,
        tally: Tally,
        finished: Callable[[str, Reply], None],
        *,
        who: str,
        key: str | None,
        cap: float | None,
        retries: int,
        first_wait: float,
    ) -> None:
        self._call, self._kept, self._tally, self._finished = call, kept, tally, finished
        self._who, self._key, self._cap, self._retries, self._first_wait = who, key, cap, retries, first_wait
        self._known = kept.any  # the model has answered before: key, name and settings do
        self._spent = kept.spent if cap is not None else 0.0
        self._set_aside: list[float] = []  # for the calls under way, at their worst
        self._room = asyncio.Condition()
        self._stop: ThousandError | None = None
        self._stopped = asyncio.Event()
        self._quiet_until = 0.0  # the server asked not to be called before
        self._failed_in_a_row = 0

    async def all(self, questions: Sequence[Question], workers: int) -> None:
        """Ask them.

        Raises:
            ThousandError: it was better to stop. Calls under way were waited for and their answers kept.
        """
        waiting = iter(questions)
        await asyncio.gather(*(self._work(waiting) for _ in range(min(workers, len(questions)))))
        if self._stop is not None:
            raise self._stop

    async def _work(self, waiting: Iterator[Question]) -> None:
        while self._stop is None and (question := next(waiting, None)) is not None:
            if await self._make_room(question.worst):
                try:
                    await self._answer(question)
                finally:
                    async with self._room:
                        self._set_aside.remove(question.worst)
                        self._room.notify_all()

    async def _make_room(self, worst: float) -> bool:
        """Wait until a call fits under the cap at its worst; False where no call under way can leave enough."""
        async with self._room:
            while self._beyond(worst):
                if not self._set_aside:
                    self._halt_at_cap()
                if self._stop is not None:
                    return False
                await self._room.wait()
            self._set_aside.append(worst)
            return True

    async def _answer(self, question: Question) -> None:
        """Ask one question until it is answered, or no attempt is left; keep whatever came of each."""
        for attempt in range(self._retries + 1):
            await self._pause(self._quiet_until - time.monotonic())
            if self._stop is not None:
                return
            begun = self._kept.begin(question)
            try:
                reply = await self._call(question)
            except Failure as failure:
                charged = question.worst if failure.charged else 0.0
                self._kept.fail(question, failure.reason, charged, begun)
                self._tally.failures[failure.reason] += 1
                self._spent += charged
                if not failure.again or attempt == self._retries:
                    self._tally.failed += 1
                    self._finished(question.key, Reply(error=failure.reason, key=question.key))
                    self._weigh(failure)
                    return
                if self._beyond(0.0):
                    self._halt_at_cap()
                await self._wait(failure, attempt)
            else:
                charged = reply.cost if reply.cost is not None else question.worst
                self._kept.add(question, reply, charged, begun)
                self._spent += charged
                self._tally.answered += 1
                self._tally.cost += reply.cost or 0.0
                self._known, self._failed_in_a_row = True, 0
                self._finished(question.key, reply)
                return

    def _weigh(self, failure: Failure) -> None:
        """Whether a question without an answer says that the others will have none either."""
        if failure.status == 401 or (failure.status == 403 and not self._known):
            held = f"Check the key in {self._key}." if self._key else "Name the environment variable that holds the key: key."
            self._halt(RecipeError(f"{self._who}: {failure.reason}.", held))
        elif failure.status == 404 and not self._known:
            self._halt(RecipeError(f"{self._who}: {failure.reason}.", "Check model and base_url."))
        elif not (self._known and failure.status in _OWN_FAULT):
            self._failed_in_a_row += 1
            if self._failed_in_a_row == GIVE_UP_AFTER:
                self._halt(
                    ThousandError(
                        f"{self._who} failed for {GIVE_UP_AFTER} questions in a row, the last time with: {failure.reason}.",
                        "What was answered is kept. See to the server or the settings, and the same command goes on from there.",
                    )
                )

    def _beyond(self, more: float) -> bool:
        return self._cap is not None and self._spent + math.fsum(self._set_aside) + more > self._cap

    def _halt_at_cap(self) -> None:
        currency = self._kept.currency
        self._halt(
            CapReached(
                f"{self._who}: {self._spent:.4g} {currency} are spent, and the next call could pass the cap of {self._cap:g} {currency}.",
                "What was answered is kept and not paid again. Raise the cap, and the same command goes on from there.",
            )
        )

    def _halt(self, why: ThousandError) -> None:
        self._stop = self._stop or why
        self._stopped.set()

    async def _wait(self, failure: Failure, attempt: int) -> None:
        if failure.wait is not None:
            self._quiet_until = max(self._quiet_until, time.monotonic() + failure.wait)
            await self._pause(failure.wait * (1 + random.random() / 10))  # not all at the same instant
        else:
            await self._pause(min(self._first_wait * 2**attempt, LONGEST_WAIT) * (1 - random.random() / 2))

    async def _pause(self, seconds: float) -> None:
        """Sleep, unless it comes to a stop meanwhile."""
        if seconds > 0:
            try:
                await asyncio.wait_for(self._stopped.wait(), seconds)
            except TimeoutError:
                return
