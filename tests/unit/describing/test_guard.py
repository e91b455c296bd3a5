import contextlib
import gc
import signal
import sys
import threading
import time
import weakref

import pytest

from g4f_magic.describing.guard import OutOfTimeError, guarded
from tests.examples import share

FOREVER = 1_000


def sleeps():
    time.sleep(FOREVER)


def loops():
    while True:
        pass


def waits_for_a_lock():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def catches_exceptions():
    while True:
        with contextlib.suppress(Exception):
            time.sleep(FOREVER)


def catches_everything():
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(FOREVER)


def catches_everything_deep_down():
    def inner():
        try:
            time.sleep(FOREVER)
        except BaseException:
            return

    while True:
        inner()


HANGS = [
    sleeps,
    loops,
    waits_for_a_lock,
    catches_exceptions,
    catches_everything,
    catches_everything_deep_down,
]


@pytest.mark.parametrize("hangs", HANGS)
def test_what_hangs_is_ended_on_the_main_thread(hangs):
    with pytest.raises(OutOfTimeError):
        guarded(hangs, 0.05)


@pytest.mark.parametrize("hangs", [sleeps, waits_for_a_lock])
def test_what_hangs_is_left_behind_in_another_thread(hangs):
    ended = []

    def run():
        try:
            guarded(hangs, 0.05)
        except OutOfTimeError:
            ended.append(True)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    assert ended == [True]


def test_nothing_of_what_was_ended_is_left_in_later_errors():
    with pytest.raises(OutOfTimeError):
        guarded(catches_everything, 0.05)
    assert sys.exc_info() == (None, None, None)


def test_the_trace_of_a_debugger_is_there_again_afterwards():
    traced = []

    def trace(frame, event, argument):
        traced.append(event)

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with pytest.raises(OutOfTimeError):
            guarded(catches_everything, 0.05)
        found = sys.gettrace()
    finally:
        sys.settrace(before)
    assert found is trace


def test_whenever_the_time_is_over_the_timer_is_as_it_was():
    before = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[1]
    for microseconds in range(1, 4_000):
        with contextlib.suppress(OutOfTimeError):
            guarded(lambda: sum(range(50)), microseconds / 50_000_000)
        assert signal.getsignal(signal.SIGALRM) == before[0]
        assert signal.getitimer(signal.ITIMER_REAL)[1] == before[1]


@pytest.mark.heavy
def test_it_does_not_end_in_what_is_called_when_garbage_is_collected(monkeypatch):
    """What is raised there is lost, and printed as an error that nobody could do anything about."""
    collected = []

    def collecting(phase, info):
        if waiting and not collected:
            collected.append(phase)
            while signal.getitimer(signal.ITIMER_REAL)[0] < 0.1:  # until it has gone off, and was set anew
                pass

    def collects():
        waiting.append(True)
        gc.collect()
        loops()

    waiting = []
    lost = []
    gc.collect()  # what other tests left may have a `__del__`, which is no callback of the collector
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    gc.callbacks.append(collecting)
    try:
        with pytest.raises(OutOfTimeError):
            guarded(collects, 0.01)
    finally:
        gc.callbacks.remove(collecting)
    assert collected == ["start"]
    assert lost == []


@pytest.mark.heavy
def test_it_does_not_end_where_a_weak_dictionary_lets_go_of_an_object(monkeypatch):
    class Thing:
        pass

    def lets_go():
        while True:
            weak[1] = Thing()

    weak = weakref.WeakValueDictionary()
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    for _ in range(share(40)):
        with pytest.raises(OutOfTimeError):
            guarded(lets_go, 0.002)
    assert lost == []


def test_an_alarm_outside_of_what_is_run_raises_nothing(monkeypatch):
    """The time may be over before the call begins, or after it ended: nothing is raised there, and all is put back."""
    alarm = signal.setitimer

    def late(which, seconds, interval=0.0):
        left = alarm(which, seconds, interval)
        signal.raise_signal(signal.SIGALRM)
        return left

    before = signal.getsignal(signal.SIGALRM)
    signal.signal(signal.SIGALRM, lambda number, frame: None)
    try:
        monkeypatch.setattr(signal, "setitimer", late)
        assert guarded(lambda: 3, 60) == 3
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_timer_of_somebody_else_goes_on():
    rang = threading.Event()
    before = signal.signal(signal.SIGALRM, lambda number, frame: rang.set())
    left = signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(OutOfTimeError):
            guarded(loops, 0.3)
        assert rang.wait(60)
    finally:
        signal.setitimer(signal.ITIMER_REAL, *left)
        signal.signal(signal.SIGALRM, before)


def test_what_it_prints_is_not_shown_and_what_other_threads_print_is(capsys):
    def prints():
        other = threading.Thread(target=lambda: print("from elsewhere"))
        other.start()
        other.join()
        print("from the repr")
        print("from the repr", file=sys.stderr)
        return 3

    assert guarded(prints, 10) == 3
    shown = capsys.readouterr()
    assert shown.out == "from elsewhere\n"
    assert shown.err == ""


def test_two_threads_that_describe_at_once_leave_the_streams_as_they_were():
    before = sys.stdout, sys.stderr
    inside, may_end = threading.Barrier(3), threading.Event()

    def waits():
        inside.wait()
        may_end.wait()

    threads = [threading.Thread(target=guarded, args=(waits, 60)) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait()
    assert (sys.stdout, sys.stderr) != before
    may_end.set()
    for thread in threads:
        thread.join()
    assert (sys.stdout, sys.stderr) == before


def test_a_stream_that_was_put_in_its_place_meanwhile_stays():
    other = object()
    before = sys.stdout

    def replaces():
        sys.stdout = other

    try:
        guarded(replaces, 10)
        found = sys.stdout
    finally:
        sys.stdout = before
    assert found is other


@pytest.mark.parametrize("raises", [KeyboardInterrupt, ValueError])
def test_what_it_raises_comes_through(raises):
    def fails():
        raise raises

    with pytest.raises(raises):
        guarded(fails, 10)
