/* Times that only the browser can write: a moment by the viewer's own clock, and seconds that go on. Dash components
   (`dashboard/panels/component.py`). */
import { clock, inFull, seconds, whole as digits } from "../format.js";

const TICK = 100; // milliseconds

export function Moment({ at }) {
  return window.React.createElement("time", { dateTime: at, title: inFull(at) }, clock(at));
}

/* `ms` had passed when the server laid it out; its clock and this one need not agree. */
export function Elapsed({ ms }) {
  const { createElement, useEffect, useMemo, useState } = window.React;
  const since = useMemo(() => Date.now() - ms, [ms]);
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, []);
  return createElement("span", null, duration(Math.max(now - since, 0)));
}

/* As `dashboard/jobs/run_list.py` writes it of a run that has ended. */
export function duration(milliseconds) {
  if (milliseconds < 60_000) return seconds(milliseconds);
  const whole = Math.round(milliseconds / 1000);
  const minutes = Math.floor(whole / 60);
  const [large, unit, small, rest] = minutes < 60 ? [minutes, "min", whole % 60, "s"] : [Math.floor(minutes / 60), "h", minutes % 60, "min"];
  return `${digits(large)} ${unit} ${digits(small)} ${rest}`;
}
