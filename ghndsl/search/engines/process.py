"""A process that works for an engine: bytes go to it through a pipe and come back; it never outlives its parent."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Thread, current_thread, main_thread

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.engines.base import Failure
from ghndsl.search.engines.memory import limit
from ghndsl.search.engines.work import Caught, loaded, perform

HELLO, READY = b"hello", b"ready"
"""What a process says when it has begun and waits for its task, and when it has it and waits for items."""


class Process:
    """A new process, as its parent sees it. `environment` holds what is set there before anything is computed, `memory`
    the most bytes it may have; `loaded` are modules that all of them need.
    """

    def __init__(self, environment: Mapping[str, str], memory: int | None, loaded: Sequence[str] = ()) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self._process = _made((theirs, dict(environment), memory), loaded)
        self._process.start()
        # From here on its end of the pipe is closed when it ends.
        theirs.close()

    @property
    def pid(self) -> int | None:
        """The system's number of it."""
        return self._process.pid

    def begin(self, task: bytes) -> None:
        """Gives it its packed task, and waits until it has it. Errors: G607 when it cannot have it, or ends."""
        try:
            self.pipe.recv_bytes()
            self.pipe.send_bytes(task)
            said = self.pipe.recv_bytes()
        except (EOFError, OSError):
            self._process.join()
            raise unfit(_in_words(self._process.exitcode or 0)) from None
        if said != READY:
            failure: object = pickle.loads(said)
            raise unfit(failure.message if isinstance(failure, Failure) else "it says nothing")

    def kill(self) -> None:
        """Ends it, without a chance to object."""
        self._process.kill()

    def ended(self) -> str:
        """How it ended, in words, once it has."""
        self._process.join()
        code = self._process.exitcode or 0
        self._process.close()
        self.pipe.close()
        return _in_words(code)


def unfit(why: str) -> CompileError:
    """The error where no process can begin its task."""
    guard = 'a script that calls ghndsl needs the guard `if __name__ == "__main__":`'
    return CompileError(Diagnostic("G607", f"no worker process can begin: {why}", help=guard))


def _made(given: tuple[object, ...], loaded: Sequence[str]) -> BaseProcess:
    """A process that is not started yet. Where the system knows how, it is a copy of one that has loaded what all need,
    and did nothing else: so one more costs no seconds.

    A daemon, so that it ends with this process even if nobody closes the engine.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn").Process(target=_live, args=given, daemon=True)
    multiprocessing.set_forkserver_preload([*loaded])
    return multiprocessing.get_context("forkserver").Process(target=_live, args=given, daemon=True)


def _in_words(code: int) -> str:
    if code >= 0:
        return f"its process ended with exit code {code}"
    name = signal.Signals(-code).name if -code in {*signal.Signals} else f"signal {-code}"
    why = ", as the system does when memory is short" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{why}"


@contextmanager
def interrupts_held() -> Generator[None]:
    """Ctrl-C waits until the block is over, and processes started in it never hear of it, not even while they load."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Starting the tracker lets signals through again, so it is started before.
    resource_tracker.ensure_running()
    with _postponed():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _postponed() -> Generator[None]:
    """An interrupt that another thread of this process gets, which blocks none, comes after the block too."""
    before, caught = signal.getsignal(signal.SIGINT), list[int]()
    # Python tells the first thread of it alone; a handler that is not Python's could not be put back.
    if before is None or current_thread() is not main_thread():
        yield
        return
    signal.signal(signal.SIGINT, lambda number, _frame: caught.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if caught:
            signal.raise_signal(signal.SIGINT)


def _live(pipe: Connection, environment: Mapping[str, str], memory: int | None) -> None:
    # Ctrl-C is for the first process, which ends the others; when it is killed, they end too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    os.environ.update(environment)
    limit(memory)
    with suppress(EOFError, ConnectionError):
        pipe.send_bytes(HELLO)
        task = _received(pipe)
        while task is not None:
            pipe.send_bytes(pickle.dumps(perform(task, pipe.recv_bytes())))


def _received(pipe: Connection) -> Callable[[bytes], object] | None:
    """The task; None when it cannot be loaded here, which is told."""
    packed, caught = pipe.recv_bytes(), Caught()
    with caught:
        task = loaded(packed)
        pipe.send_bytes(READY)
        return task
    pipe.send_bytes(pickle.dumps(caught.failure))
    return None


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
