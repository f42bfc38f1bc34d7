"""How often somebody may ask: token buckets (RFC 2697 has the idea), one for each of those who ask."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_REMEMBERED = 10_000
"""Above so many keys the one that asked longest ago is forgotten: an attacker's addresses must not fill the memory."""


@dataclass(frozen=True)
class Rate:
    """So many at once, and so many a second in the long run."""

    burst: float
    per_second: float


@dataclass(frozen=True)
class Limits:
    """Generous for people, narrow for guesses.

    Attributes:
        person: requests of one; somebody with a key held down makes some thirty a second, for a while.
        stranger: requests without a session, by address.
        wrong: tokens that are nobody's, by address.
    """

    person: Rate = Rate(300, 30)
    stranger: Rate = Rate(60, 2)
    wrong: Rate = Rate(5, 0.1)


class Buckets:
    """A bucket for each key, all of one rate. Safe for threads."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self._clock = rate, clock
        self._lock = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one from the key's bucket; 0.0, or the seconds to wait until there is one. A refusal takes nothing."""
        with self._lock:
            level = self._level(key)
            wait = 0.0 if level >= 1 else (1 - level) / self.rate.per_second
            self._levels[key] = (level if wait else level - 1, self._clock())
            self._levels.move_to_end(key)
            if len(self._levels) > _REMEMBERED:
                self._levels.popitem(last=False)
        return wait

    def _level(self, key: str) -> float:
        level, at = self._levels.get(key, (self.rate.burst, self._clock()))
        return min(self.rate.burst, level + (self._clock() - at) * self.rate.per_second)
