/* How seconds, moments, counts and sizes are written for people. Values of reports are formatted on the server. */

export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

export const counted = (count, noun = "row") => `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

/* A browser's formatter, made when it is first needed: the first one takes long to load. */
const lazy = (options) => {
  let formatter = null;
  return (time) => (formatter ??= new Intl.DateTimeFormat([], options)).format(time);
};

const hours = lazy({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const minutes = lazy({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = lazy({ month: "short", day: "numeric" });
const dayWithYear = lazy({ year: "numeric", month: "short", day: "numeric" });

/* A moment (ISO text or epoch milliseconds) as the viewer's clock shows it, with the day unless it is today. */
export const clock = (moment, now = new Date()) => withDay(new Date(moment), hours, now);

/* The same without seconds. */
export const minute = (moment, now = new Date()) => withDay(new Date(moment), minutes, now);

/* A moment with its year, for what is read on another day. */
export const dated = (moment) => `${dayWithYear(new Date(moment))}, ${minutes(new Date(moment))}`;

function withDay(time, hourOf, now) {
  const isToday = time.toDateString() === now.toDateString();
  return isToday ? hourOf(time) : `${day(time)} ${hourOf(time)}`;
}

/* Bytes, such as `12.3 MB`. */
export function byteSize(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power && bytes / 1000 ** power < 100 ? 1 : 0)} ${units[power]}`;
}
