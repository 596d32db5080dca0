"""The throttle: wrong logins slow down, each address by itself."""

from collections import OrderedDict

FIRST_DELAY = 0.1
"""Seconds that the first wrong login waits for its answer; each further one waits twice as long."""

LONGEST_DELAY = 5.0

FORGOTTEN_AFTER = 900.0
"""Seconds without a wrong login after which an address begins anew."""

MOST_ADDRESSES = 10_000


class Throttle:
    """Counts wrong logins by address. ``now`` is any clock in seconds."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def fail(self, address: str, now: float) -> float:
        """Count a wrong login and return how long its answer is to wait."""
        count, last = self._failures.pop(address, (0, now))
        count = 1 if now - last > FORGOTTEN_AFTER else count + 1
        self._failures[address] = (count, now)
        while len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)
        return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(count - 1, 16)))

    def succeed(self, address: str) -> None:
        """Forget the wrong logins of an address."""
        self._failures.pop(address, None)
