"""Wake-ups: none is lost, none keeps another out, and one thread may work alone."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from ivy_engine.workers import Workers


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    made = Workers(tmp_path / "queue.db", threads=2)
    yield made
    made.stop(5)
    made.close()


def test_a_job_that_waits_is_not_queued_twice_but_its_rows_are(workers: Workers) -> None:
    ran: list[tuple[str, list[str]]] = []
    workers.bind(lambda name, ids: ran.append((name, ids)), lambda: None)
    for ids in ([], [], ["a"], ["b"]):
        workers.wake("job", ids)
    while workers.run_one():
        pass
    assert ran == [("job", []), ("job", ["a"]), ("job", ["b"])]
    workers.wake("job")
    assert workers.run_one()


def test_a_wake_up_that_cannot_be_written_keeps_no_other_out(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    workers.bind(lambda name, ids: None, lambda: None)
    with monkeypatch.context() as broken:
        broken.setattr(workers.huey.storage, "enqueue", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            workers.wake("job")
    workers.wake("job")
    assert workers.run_one()


def test_a_failing_job_leaves_its_worker_alive(workers: Workers, caplog: pytest.LogCaptureFixture) -> None:
    done = Event()

    def run(name: str, ids: list[str]) -> None:
        if name == "bad":
            raise ValueError("broken job")
        done.set()

    workers.start(run, lambda: None)
    for _ in range(4):
        workers.wake("bad", ["x"])
    workers.wake("good")
    assert done.wait(5)
    workers.await_idle(5)
    assert workers.running
    assert "job bad failed" in caplog.text


def test_whoever_works_alone_is_alone_and_does_what_it_causes(workers: Workers) -> None:
    ran: list[str] = []
    begun, go_on = Event(), Event()

    def run(name: str, ids: list[str]) -> None:
        if name == "slow":
            begun.set()
            assert go_on.wait(5)
        ran.append(name)

    workers.start(run, lambda: None)
    workers.wake("slow")
    assert begun.wait(5)
    Thread(target=go_on.set).start()
    with workers.alone():
        assert ran == ["slow"]  # it was waited for
        other = Thread(target=lambda: workers.wake("other"))
        other.start()
        other.join()
        workers.wake("mine")
        assert ran == ["slow"]
        while workers.run_woken():
            pass
        assert sorted(ran) == ["mine", "other", "slow"]


def test_what_was_queued_meanwhile_is_done_afterwards(workers: Workers) -> None:
    ran = Event()
    workers.start(lambda name, ids: ran.set(), lambda: None)
    with workers.alone():
        waking = Thread(target=lambda: workers.wake("other"))
        waking.start()
        waking.join()
        assert not ran.is_set()
    assert ran.wait(5)
