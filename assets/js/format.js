/* How seconds, moments, counts and sizes are written for people, in the document's language and the viewer's time zone.
   Values of reports are formatted on the server; `tests/assets/formats.json` holds both to the same. */

const { dataset: { locale = "en-US", zone } = {}, dir } = globalThis.document?.documentElement ?? {};
export { locale };
const isRightToLeft = dir === "rtl";

/* A browser's formatter, made when it is first needed: the first one takes long to load. */
const lazy = (Format, options) => {
  let formatter = null;
  return (value) => (formatter ??= new Format(locale, options)).format(value);
};
const time = (options) => lazy(Intl.DateTimeFormat, { ...options, timeZone: zone || undefined });
const places = (count) => lazy(Intl.NumberFormat, { minimumFractionDigits: count, maximumFractionDigits: count });

export const whole = places(0);
export const tenths = places(1);

/* Facts in one line; where the page reads from right to left each keeps its own direction. */
export const line = (facts) => facts.filter(Boolean).map((fact) => (isRightToLeft ? `\u2068${fact}\u2069` : fact)).join("  ·  ");

export const seconds = (milliseconds) => `${tenths(milliseconds / 1000)} s`;

const hours = time({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const minutes = time({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const day = time({ month: "short", day: "numeric" });
export const dayWithYear = time({ year: "numeric", month: "short", day: "numeric" });

/* A moment with all of it, for who points at it. */
export const inFull = (moment) => `${dayWithYear(new Date(moment))}, ${hours(new Date(moment))}`;

/* A moment (ISO text or epoch milliseconds) as the viewer's clock shows it, with the day unless it is today. */
export const clock = (moment, now = new Date()) => withDay(new Date(moment), hours, now);

/* The same without seconds. */
export const minute = (moment, now = new Date()) => withDay(new Date(moment), minutes, now);

/* A moment with its year, for what is read on another day. */
export const dated = (moment) => `${dayWithYear(new Date(moment))}, ${minutes(new Date(moment))}`;

function withDay(moment, hourOf, now) {
  const isToday = dayWithYear(moment) === dayWithYear(now);
  return isToday ? hourOf(moment) : `${day(moment)} ${hourOf(moment)}`;
}

/* Bytes, such as `12.3 MB`. */
export function byteSize(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const size = bytes / 1000 ** power;
  return `${(power && size < 100 ? tenths : whole)(size)} ${units[power]}`;
}
