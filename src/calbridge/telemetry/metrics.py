"""What can be counted, for Prometheus: nothing in a label is an id, or anything of a caller's.

Requests go by route template and calls to Cal.com by endpoint template, never by path, because paths hold ids.
"""

from collections.abc import Mapping
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
# A caller waits eight seconds at most; most answers should come within one.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16)
# Either Cal.com answers at once, or it is looked for: within the call, after the settle time, or when it is back.
TRUTH_BUCKETS = (0.25, 0.5, 1, 2, 4, 8, 16, 30, 60, 150, 300, 900, 3600, 86_400)


class HttpMetrics:
    """Counts and times the requests of one application in one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "calbridge_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "calbridge_http_request_seconds",
            "How long answers took.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self._registry,
        )

        self._of = cache(self._labelled)  # there are as many as series to be shown

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request that was answered."""
        counted, timed = self._of(method, route, status)
        counted.inc()
        timed.observe(seconds)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def _labelled(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)


class EngineMetrics:
    """Counts what becomes of wishes, and what is asked of Cal.com, in one process. All times are in seconds."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._settled = Counter(
            "calbridge_intents", "Intents settled in this process.", ("action", "outcome"), registry=registry
        )
        self._truth = Histogram(
            "calbridge_intent_seconds",
            "From the wish to the truth about it, for those that took one attempt.",
            ("action",),
            buckets=TRUTH_BUCKETS,
            registry=registry,
        )
        self._open = Gauge(
            "calbridge_open_intents", "Intents in the database that are not settled.", ("state",), registry=registry
        )
        self._replays = Counter(
            "calbridge_replays", "Wishes that were repeated, and told again.", ("action",), registry=registry
        )
        self._doubles = Counter(
            "calbridge_doubles_repaired", "Bookings cancelled because they were made twice.", registry=registry
        )
        self._calls = Histogram(
            "calbridge_calcom_seconds",
            "How long Cal.com took, for each request that was sent.",
            ("endpoint", "outcome"),
            buckets=BUCKETS,
            registry=registry,
        )
        self._waits = Histogram(
            "calbridge_governor_wait_seconds",
            "How long calls waited for their turn under Cal.com's rate limit.",
            ("urgent",),
            buckets=BUCKETS,
            registry=registry,
        )
        self._held_back = Counter(
            "calbridge_governor_refusals", "Calls that had no turn in time.", ("urgent",), registry=registry
        )
        self._webhooks = Counter(
            "calbridge_webhooks", "Deliveries of Cal.com, by what came of them.", ("result",), registry=registry
        )

    def settled(self, action: str, outcome: str, seconds: float | None) -> None:
        """Count an intent whose outcome is written down; ``seconds`` since the wish, None where that tells nothing."""
        self._settled.labels(action, outcome).inc()
        if seconds is not None:
            self._truth.labels(action).observe(seconds)

    def standing(self, counts: Mapping[str, int]) -> None:
        """Note how many intents there are in each state that is not settled; no state is shown that is not given."""
        self._open.clear()
        for state, count in counts.items():
            self._open.labels(state).set(count)

    def replayed(self, action: str) -> None:
        """Count a wish that was told again."""
        self._replays.labels(action).inc()

    def repaired(self) -> None:
        """Count a surplus booking that was cancelled."""
        self._doubles.inc()

    def called(self, endpoint: str, outcome: str, seconds: float) -> None:
        """Count a request to Cal.com."""
        self._calls.labels(endpoint, outcome).observe(seconds)

    def waited(self, seconds: float, urgent: bool) -> None:
        """Count a call that had its turn."""
        self._waits.labels(_yes_or_no(urgent)).observe(seconds)

    def held_back(self, _seconds: float, urgent: bool) -> None:
        """Count a call that had none."""
        self._held_back.labels(_yes_or_no(urgent)).inc()

    def delivered(self, result: str) -> None:
        """Count a delivery of Cal.com: accepted, duplicate or forged."""
        self._webhooks.labels(result).inc()

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)


def _yes_or_no(condition: bool) -> str:
    return "yes" if condition else "no"
