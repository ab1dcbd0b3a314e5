"""How much each client may still ask for: a bucket that fills again with time."""

from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass
class Budgets:
    """A bucket per client; the one not seen for longest is forgotten."""

    burst: float  # that a full bucket holds
    per_minute: float  # that comes back
    clients: int = 10_000  # remembered
    _of: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, client: str, cost: float, now: float) -> float:
        """Take the cost of a request and return 0, or the seconds until there is enough."""
        rate = self.per_minute / 60
        left, since = self._of.pop(client, (self.burst, now))
        left = min(self.burst, left + rate * (now - since))
        enough = left >= cost
        self._of[client] = (left - cost if enough else left, now)
        while len(self._of) > self.clients:
            self._of.popitem(last=False)
        return 0.0 if enough else (cost - left) / rate
