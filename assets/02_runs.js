/* What this tab asked for and was not told yet: asks it, takes it up again after a broken socket or a reload, looks
   after what takes long, and hands each answer to its panel. `03_panels.js` asks; `01_socket.js` carries. */
(() => {
  "use strict";

  const { pushboard } = window;
  const { listeners, put, isShown } = pushboard;

  const TERMINAL = new Set(["finished", "exported", "failed", "cancelled", "rejected"]);
  const KEY = "pushboard.runs"; // in the tab's own storage, which a reload keeps
  const MOST = 100; // runs that one `resume` may name
  const BRIEF = 2_000; // an interruption so short needs no words
  const UNTAKEN = 3_000; // after which a run that the warehouse has not taken says so
  const EXPECTED = 21_000; // on a resume the gateway looks at the warehouse for a run that is 20 s old
  const GRACE = 60_000; // after a run's own limit; then it counts as lost
  const QUIET = 30_000; // for the gateway to say nothing while a run waits
  const ANSWER = 20_000; // for the gateway, once it was asked whether it is there
  const DRAWN = 40_000; // for the server to draw what has finished
  const TRIES = 4; // to have it drawn

  const runs = new Map(); // topic -> the run that is not answered yet
  const drawing = new Map(); // topic -> the finished run whose rows the server is drawing
  let earlier = null; // topic -> the run that the page before the reload waited for
  let setbacks = 0; // answers of the gateway that name no run: one of the messages was lost
  let lookAt = Infinity; // when to look after that
  let tickedAt = Date.now();
  let awakeAt = 0; // when this computer last woke up

  // -------------------------------------------------------------------------------------------- what a reload keeps

  const user = () => document.getElementById("who")?.dataset.user;
  const mayRun = (run) => Date.now() - run.startedAt < run.limit + GRACE;

  function kept() {
    try {
      const found = JSON.parse(sessionStorage.getItem(KEY));
      return found?.user === user() ? found.runs.filter(mayRun).map((run) => [run.message.topicName, run]) : [];
    } catch {
      return []; // a browser that keeps nothing asks anew after a reload
    }
  }

  function keep() {
    earlier ??= new Map(kept());
    const all = [...earlier.values(), ...runs.values()].map(({ said, phase, checks, ...run }) => run);
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ user: user(), runs: all }));
    } catch {
      /* as above */
    }
  }

  addEventListener("submit", ({ target }) => target.matches("[action='/logout']") && sessionStorage.removeItem(KEY));

  // --------------------------------------------------------------------------------------------------------- asking

  const sameQuestion = (a, b) =>
    a.report === b.report && !b.refresh && JSON.stringify(a.parameters) === JSON.stringify(b.parameters);

  /* The run of the same question that the page before the reload waited for, if it may still be under way. */
  function fromEarlier(message) {
    earlier ??= new Map(kept());
    const run = earlier.get(message.topicName);
    earlier.delete(message.topicName);
    return run && mayRun(run) && sameQuestion(run.message, message) ? run : null;
  }

  /* Asks, or takes up again a run of the same question that is still under way.
     `about` is what the page knows of the run: timeoutSeconds, title, page, and `into` for a topic without a panel. */
  function run(message, about) {
    const underWay = runs.get(message.topicName);
    if (underWay && sameQuestion(underWay.message, message)) return tell(underWay, underWay.said);
    const { timeoutSeconds, ...more } = about;
    const limit = timeoutSeconds * 1000;
    const asked = fromEarlier(message) ?? { message, limit, startedAt: Date.now(), shared: false };
    Object.assign(asked, more, { phase: "", checks: 0 });
    runs.set(message.topicName, asked);
    drawing.delete(message.topicName);
    tell(asked, pushboard.isWanted() ? { type: "submitted" } : { type: "paused", why: pushboard.whyStopped() });
    bring([asked]);
  }

  /* To the gateway: in full what was never sent, by its id what was. */
  function bring(some) {
    if (pushboard.isLive()) {
      resume(some.filter((run) => run.sent));
      for (const run of some) run.sent ||= pushboard.send(run.message);
    }
    keep();
  }

  /* The gateway tells what became of these runs, or will; for an old one it looks at the warehouse. */
  function resume(some) {
    for (const run of some) Object.assign(run, { resumed: true, checks: due(run) });
    for (let start = 0; start < some.length; start += MOST) {
      const runIds = some.slice(start, start + MOST).map((run) => run.message.runId);
      pushboard.send({ action: "resume", runIds });
    }
  }

  function cancel(topic) {
    const run = runs.get(topic);
    if (!run) return;
    pushboard.send({ action: "cancel", runId: run.message.runId });
    tell(run, { type: "cancelled" });
  }

  // -------------------------------------------------------------------------------------------------------- hearing

  function receive(message) {
    const run = [...runs.values()].find((one) => one.message.runId === message.runId);
    if (message.type === "rejected" && message.code === "expired") return signInEnded(run, message);
    if (message.type === "rejected" && !message.runId) return lookSoon();
    if (!run) return; // told already, or no longer what its panel wants to know
    setbacks = 0;
    if (message.type === "failed" && message.code === "expired" && !run.anew) return askAnew(run);
    run.accepted ||= message.type === "accepted";
    if (!run.resumed) run.shared = message.shared ?? run.shared; // a run taken up again is always called shared
    tell(run, message);
  }

  function signInEnded(run, message) {
    if (run?.renewed) return tell(run, message);
    if (run) Object.assign(run, { renewed: true, sent: false });
    pushboard.renew();
  }

  /* It never arrived, or was forgotten: nothing runs under this id, so it can be given to the gateway again. */
  function askAnew(run) {
    Object.assign(run, { anew: true, sent: false, resumed: false, accepted: false, startedAt: Date.now(), checks: 0 });
    tell(run, { type: "submitted" });
    bring([run]);
  }

  function lookSoon() {
    lookAt = Math.min(lookAt, Date.now() + Math.min(60_000, BRIEF * 2 ** setbacks));
    setbacks += 1;
  }

  /* Says to the run's panel what there is to say; `put` decides where, since not every topic is a panel. */
  function tell(run, message) {
    const { topicName: topic, runId } = run.message;
    const said = { ...message, runId, startedAt: run.startedAt, shared: run.shared, phase: run.phase };
    run.said = said;
    if (TERMINAL.has(said.type)) {
      runs.delete(topic);
      keep();
      listeners.ended(run, said);
    }
    if (!run.into && isShown(topic)) put({ type: "event", topic }, said);
    if (said.type === "finished" && (run.into || isShown(topic))) draw({ run, said, tries: 0 });
  }

  // -------------------------------------------------------------------------------------------------------- drawing

  function draw(one) {
    const topic = one.run.message.topicName;
    Object.assign(one, { at: Date.now(), tries: one.tries + 1 });
    drawing.set(topic, one);
    put(one.run.into ?? { type: "finished", topic }, { ...one.said, tries: one.tries });
  }

  /* Whether the server's answer has to be given up: it failed, or the connection went since, or it takes too long. */
  function isUndrawn({ at, tries }, now) {
    if (!pushboard.isLive() || now - at < 1000 * 2 ** tries) return false;
    return Math.max(pushboard.troubleAt(), now - pushboard.liveFor(), now - DRAWN) > at;
  }

  function drawAgain(topic, one) {
    if (one.tries < TRIES && (one.run.into || isShown(topic))) return draw(one);
    drawing.delete(topic);
    if (one.run.into || !isShown(topic)) return;
    const message = "The rows of this report could not be fetched. Run it again.";
    put({ type: "event", topic }, { ...one.said, type: "failed", code: "warehouse_unavailable", message });
  }

  // -------------------------------------------------------------------------------------------------- looking after

  const expected = (run) => Math.min(EXPECTED, run.limit / 2);

  /* How often one should have looked after the run by now: once it is late, and once its limit has passed. */
  function due(run) {
    const age = Date.now() - run.startedAt;
    return age > run.limit + 1000 ? 2 : age > expected(run) ? 1 : 0;
  }

  function phaseOf(run) {
    if (pushboard.awayFor() > BRIEF) return "cut";
    if (due(run)) return "late";
    return !run.accepted && Date.now() - run.startedAt > UNTAKEN ? "untaken" : "";
  }

  function watch() {
    const now = Date.now();
    if (now - tickedAt > 10_000) awakeAt = now;
    tickedAt = now;
    if (!pushboard.isWanted()) return;
    for (const run of runs.values()) {
      const phase = phaseOf(run);
      if (phase !== run.phase) tell(Object.assign(run, { phase }), run.said);
    }
    for (const [topic, one] of drawing) if (isUndrawn(one, now)) drawAgain(topic, one);
    if (pushboard.isLive()) lookAfter([...runs.values()], now);
  }

  function lookAfter(waiting, now) {
    const isTold = now < lookAt;
    if (!isTold) lookAt = Infinity;
    resume(waiting.filter((run) => run.sent && (!isTold || run.checks < due(run))));
    const quietFor = Math.min(now - pushboard.answeredAt(), pushboard.liveFor());
    if (waiting.length && quietFor > QUIET) pushboard.suspect(ANSWER, false);
    for (const run of waiting) if (isOver(run, now)) giveUp(run);
  }

  /* What passed while the connection was cut or the computer slept does not count before an answer could come. */
  const isOver = (run, now) => !mayRun(run) && Math.min(pushboard.liveFor(), now - awakeAt) > ANSWER;

  function giveUp(run) {
    const message = `This report did not answer within its limit of ${run.limit / 1000} s.`;
    tell(run, { type: "failed", code: "timeout", message });
  }

  /* Whoever is signed out gets no drawing either; a socket that is closed is not needed for it. */
  function pause(why) {
    const undrawn = why === "signed-out" ? [...drawing.values()].map(({ run }) => run) : [];
    if (undrawn.length) drawing.clear();
    for (const run of [...runs.values(), ...undrawn]) tell(run, { type: "paused", why });
  }

  function goOn() {
    for (const run of runs.values()) {
      Object.assign(run, { startedAt: Date.now(), checks: 0 });
      tell(run, { type: "submitted" });
    }
  }

  setInterval(watch, 1000);

  Object.assign(listeners, {
    live: () => bring([...runs.values()]),
    message: receive,
    stopped: pause,
    opened: goOn,
  });
  const drawn = (isIt) => [...drawing.keys()].filter(isIt).forEach((topic) => drawing.delete(topic));
  Object.assign(pushboard, { run, cancel, drawn, waiting: () => [...runs.values()] });
})();
