"""The load process: thousands of tabs without a browser, as greenlets. `crowd` starts it and speaks with it.

It reads commands and writes answers, a line of JSON each, until it is killed. Tabs that have been opened stay open.
Moments are in seconds since 1970. The commands are the methods of `Viewers` that `COMMANDS` names.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import json
import random
import resource
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import gevent

from tests.bench import bounds
from tests.bench.scale.page_runs import runs_of
from tests.bench.scale.page_steps import Browser, PageSteps, connected
from tests.bench.turn.plain_tabs import Dashboard, PlainTab, Run


@dataclass
class Visit:
    """One viewer's way to a page that is complete."""

    began: float
    told: float | None = None
    complete: float | None = None
    reconnects: int = 0
    questions: set[str] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)


class Viewers:
    """All tabs of this process. `dashboards` are those of the people who are signed in, whom tabs belong to in turn."""

    def __init__(self, dashboards: Sequence[Dashboard]) -> None:
        self._dashboards = dashboards
        self._tabs: list[PlainTab] = []
        self._asked: list[tuple[PlainTab, str]] = []
        self._steps: PageSteps | None = None

    # ------------------------------------------------------------------------------------------------------- sockets

    def open(self, count: int) -> Mapping[str, Any]:
        """Opens tabs until there are so many; `tabs` are open then, the last of them opened within `seconds`."""
        began = time.monotonic()
        numbers = range(len(self._tabs), count)
        with ThreadPoolExecutor(bounds.OPENED_AT_ONCE) as pool:
            self._tabs += pool.map(self._open, numbers)
        return {"tabs": len(self._tabs), "seconds": time.monotonic() - began}

    def _open(self, number: int) -> PlainTab:
        return connected(self._dashboard(number))

    def ask(self, run: Run, tabs: int) -> Mapping[str, Any]:
        """Has the first so many tabs ask for a run; returns once all of them wait for its end."""
        self._asked = [(tab, tab.ask(run)) for tab in self._tabs[:tabs]]
        self._until(lambda tab, run_id: run_id in tab.accepted or run_id in tab.ends)
        return {"ended": sum(run_id in tab.ends for tab, run_id in self._asked)}

    def told(self) -> Mapping[str, Any]:
        """When each of those was told the end of its run; returns once all were."""
        self._until(lambda tab, run_id: run_id in tab.ends)
        return {"at": [tab.ends[run_id].at for tab, run_id in self._asked]}

    def _until(self, is_so: Callable[[PlainTab, str], bool]) -> None:
        deadline = time.monotonic() + bounds.ANSWER_SECONDS
        for tab, run_id in self._asked:
            while not is_so(tab, run_id):
                trouble = [words for each, _ in self._asked for words in each.trouble]
                assert not trouble, f"{len(trouble)} troubles, the first: {trouble[0]}"
                left = deadline - time.monotonic()
                assert left > 0, f"only {sum(is_so(*each) for each in self._asked)} of {len(self._asked)} were told"
                tab.wait(min(left, 1))

    # --------------------------------------------------------------------------------------------------------- pages

    def visit(self, paths: Sequence[str], seconds: float, limit: float) -> Mapping[str, Any]:
        """One viewer for each path, spread evenly over the seconds; a page not complete by the limit is a trouble."""
        began, deadline = time.monotonic(), time.monotonic() + limit
        visits: list[Visit] = []

        def come(number: int) -> None:
            gevent.sleep(max(began + seconds * number / len(paths) - time.monotonic(), 0))
            visits.append(visit := Visit(time.time()))
            try:
                self._visit(visit, self._dashboard(number), paths[number], deadline)
            except Exception as error:
                visit.trouble.append(repr(error))

        threads = [threading.Thread(target=come, args=(number,)) for number in range(len(paths))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return _told(visits)

    def _visit(self, visit: Visit, dashboard: Dashboard, path: str, deadline: float) -> None:
        browser = Browser(dashboard)
        with browser.session:
            runs = runs_of(browser.document(path))
            visit.questions |= {json.dumps([run["report"], run["parameters"]], sort_keys=True) for run in runs}
            tab = self._page(dashboard, runs)
            browser.links()
            browser.favourites()
        while not tab.is_drawn() and time.monotonic() < deadline:
            if tab.is_lost:
                visit.reconnects += 1
                gevent.sleep(_backoff(visit.reconnects))
                tab = self._page(dashboard, runs)
            elif tab.trouble:
                break
            tab.wait(1)
        if tab.is_drawn():
            visit.told = max(end.at for end in tab.ends.values())
            visit.complete = max(end.at for end in tab.drawn.values())
        else:
            visit.trouble += tab.trouble or [f"only {len(tab.drawn)} of {len(runs)} panels were drawn in time"]

    def _page(self, dashboard: Dashboard, runs: Sequence[Run]) -> PlainTab:
        tab = PlainTab(dashboard, runs)
        self._tabs.append(tab)
        return tab

    # --------------------------------------------------------------------------------------------------- single steps

    def rehearse(self, path: str, times: int) -> Mapping[str, Any]:
        """Opens what is needed to repeat each of a page's `STEPS` so many times."""
        self._steps = PageSteps(self._dashboards, path, times)
        return {}

    def repeat(self, step: str, times: int) -> Mapping[str, Any]:
        """Does one of `STEPS` so many times; they are to be repeated in their order."""
        self._steps.repeat(step, times)
        return {}

    # ------------------------------------------------------------------------------------------------------- the rest

    def leave(self) -> Mapping[str, Any]:
        """Closes all tabs."""
        if self._steps:
            self._steps.close()
            self._steps = None
        with ThreadPoolExecutor(bounds.OPENED_AT_ONCE) as pool:
            list(pool.map(PlainTab.close, self._tabs))
        self._tabs.clear()
        return {}

    def cost(self) -> Mapping[str, Any]:
        """The processor seconds of this process so far."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {"processor": used.ru_utime + used.ru_stime}

    def _dashboard(self, number: int) -> Dashboard:
        return self._dashboards[number % len(self._dashboards)]


COMMANDS = ("open", "ask", "told", "visit", "rehearse", "repeat", "leave", "cost")


def _backoff(attempt: int) -> float:
    """Seconds before the next attempt to connect, as `assets/js/wire/socket.js` waits them."""
    return min(30, 0.5 * 2 ** (attempt - 1)) * (0.5 + random.random() / 2)


def _told(visits: Sequence[Visit]) -> Mapping[str, Any]:
    """The visits as JSON: the seconds until each was told its last end, and was complete; null where it never was."""
    return {
        "told": [visit.told and visit.told - visit.began for visit in visits],
        "complete": [visit.complete and visit.complete - visit.began for visit in visits],
        "questions": sorted({question for visit in visits for question in visit.questions}),
        "reconnects": sum(visit.reconnects for visit in visits),
        "trouble": [words for visit in visits for words in visit.trouble],
    }


def main() -> None:
    """Does what its input says, and answers `error` for what failed."""
    given = json.loads(_line())
    viewers = Viewers([Dashboard(**each) for each in given])
    while line := _line():
        command = json.loads(line)
        try:
            answer = getattr(viewers, command.pop("do"))(**command)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _line() -> str:
    """The next line of the input, which is awaited in a thread of the operating system's."""
    return str(gevent.get_hub().threadpool.apply(sys.stdin.readline))


if __name__ == "__main__":
    main()
