"""A process may die at any step of sending: what is short or in a digest, and its details, is there once afterwards."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from costspike.domain.errors import UpstreamError
from costspike.domain.lifecycle import Decision, News
from costspike.usecases.message_items import message_items
from tests.at_once import at_once
from tests.usecases.pipeline import YESTERDAY, Pipeline, steady_world, with_settings

Over = Callable[..., Pipeline]
# In this world 70 a day for S3 is a P3.
MINOR: dict[str, Any] = {"severity": {"p3_impact": 40, "p3_share_percent": 100}}
SHORT = ({(YESTERDAY, "S3"): "70"}, 20)
DIGEST = ({(YESTERDAY, "S3"): "320", (YESTERDAY, "EC2"): "900"}, 0)
STEPS = {"claim", "post", "reply", "sent"}
NOTHING_NEW = Decision(incidents=(), news=News(), silent=())


@dataclass(slots=True)
class Fuse:
    """Kills right after a number of steps, which is just before the next one; a step changes the world."""

    steps: int = 10**6
    taken: int = 0

    def around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def take(*args: Any, **kwargs: Any) -> Any:
            done = step(*args, **kwargs)
            self.taken += 1
            if self.taken == self.steps:
                raise KeyboardInterrupt
            return done

        return take


class Fused:
    """Something that a process may die in the use of."""

    def __init__(self, real: Any, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._real, name)
        return self._fuse.around(value) if name in STEPS else value


class Scene:
    """One landed day whose outbox and channel can be set back to before anything was sent."""

    def __init__(self, day: Pipeline) -> None:
        self.day, self.outbox, self.sender, self.began = day, day.outbox, day.sender, day.clock.now
        day.land()
        self.items = day.detect()
        day.rows("CREATE TABLE before AS SELECT * FROM spike_alerts")

    def set_back(self) -> None:
        self.day.rows("DELETE FROM spike_alerts")
        self.day.rows("INSERT INTO spike_alerts SELECT * FROM before")
        self.day.clock.now = self.began
        self.day.slack_server.store.channels["C0COSTS"].messages.clear()

    def send_all(self, fuse: Fuse) -> None:
        self.day.outbox = Fused(self.outbox, fuse)  # type: ignore[assignment]
        for item in self.items:
            self.day.send(item, sender=Fused(self.sender, fuse))

    def go_on(self, run_id: str) -> None:
        """Let another run see through what the outbox holds."""
        self.day.outbox = self.outbox
        self.day.clock.pass_by(hours=1)
        run = self.day.run(run_id=run_id)
        for item in message_items(run, self.day.settings, self.day.spikes, {}, NOTHING_NEW):
            self.day.send(item, run)

    def told(self) -> Counter[str]:
        """Return how often each message is in the channel, by its key."""
        return Counter(one["metadata"]["event_payload"]["message_key"] for one in self.day.messages)

    def answers(self) -> int:
        return sum(one.get("thread_ts", one["ts"]) != one["ts"] for one in self.day.messages)


@pytest.fixture
def scene(over: Over, request: pytest.FixtureRequest) -> Scene:
    spikes, max_items = request.param
    alerts = {"channel": "C0COSTS", "max_items": max_items, "timeout_seconds": 120}
    settings = with_settings(alerts=alerts, reading={"history_months": 1}, **MINOR)
    return Scene(over(steady_world(spikes=spikes), settings=settings))


@pytest.mark.parametrize(
    ("scene", "answers", "kills"),
    [
        pytest.param(SHORT, 1, range(1, 7), id="short"),
        pytest.param(DIGEST, 2, (2, 3, 5, 6, 8), id="digest"),
    ],
    indirect=["scene"],
)
def test_wherever_a_process_dies_everything_is_told_once(
    scene: Scene, answers: int, kills: Sequence[int]
) -> None:
    whole = Fuse()
    scene.send_all(whole)
    expected = scene.told()
    assert set(expected.values()) == {1}
    assert (scene.answers(), whole.taken) == (answers, 3 * (1 + answers))
    for steps in kills:
        scene.set_back()
        with pytest.raises(KeyboardInterrupt):
            scene.send_all(Fuse(steps=steps))
        scene.go_on("another")
        assert (scene.told(), scene.answers()) == (expected, answers), f"killed after step {steps}"
        assert scene.day.rows("SELECT DISTINCT x_state FROM spike_alerts") == [("sent",)]
    scene.go_on("one more")
    assert scene.told() == expected


@pytest.mark.parametrize("scene", [SHORT, DIGEST], indirect=True, ids=["short", "digest"])
def test_runs_at_once_tell_each_thing_once(scene: Scene) -> None:
    day = scene.day

    def send(run_id: str) -> str:
        try:
            for item in scene.items:
                day.send(item, day.run(run_id=run_id))
        except UpstreamError as error:
            return error.reason
        return "done"

    outcomes = at_once([partial(send, f"run {n}") for n in range(3)])
    assert set(outcomes) <= {"done", "unavailable"}
    scene.go_on("another")
    assert set(scene.told().values()) == {1}
    assert scene.told().total() == len(day.rows("SELECT DISTINCT message_key FROM spike_alerts"))
