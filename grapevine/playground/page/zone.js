// Times as the looking person reads them: in their own time zone, which need not be the browser's.

import { locale, timeZone } from "./workspace.js";

const DAY = 86_400_000;

function format(date, options, tz) {
  return new Intl.DateTimeFormat(locale(), { ...options, timeZone: tz }).format(date);
}

function parts(epoch, tz) {
  const found = new Intl.DateTimeFormat("en-GB", {
    timeZone: tz,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(new Date(epoch * 1000));
  return Object.fromEntries(found.map(({ type, value }) => [type, value]));
}

/** Epoch seconds → "2026-05-30T09:10", the form of a datetime-local field. */
export function wallTime(epoch, tz = timeZone()) {
  const at = parts(epoch, tz);
  return `${at.year}-${at.month}-${at.day}T${at.hour}:${at.minute}`;
}

/** "2026-05-30T09:10" on a clock in that zone → epoch seconds. */
export function epochOf(wall, tz = timeZone()) {
  const wanted = Date.parse(`${wall}:00Z`) / 1000;
  let guess = wanted;
  // Twice, so that a guess on the other side of a clock change is corrected.
  for (let turn = 0; turn < 2; turn += 1) guess += wanted - Date.parse(`${wallTime(guess, tz)}:00Z`) / 1000;
  return guess;
}

export function clock(epoch) {
  return format(new Date(epoch * 1000), { timeStyle: "short" }, timeZone());
}

function dayNumber(date, tz) {
  return Math.round(Date.parse(`${wallTime(date / 1000, tz).slice(0, 10)}T00:00:00Z`) / DAY);
}

function nearDay(epoch, capital) {
  const away = dayNumber(epoch * 1000, timeZone()) - dayNumber(Date.now(), timeZone());
  const words = { "-1": "yesterday", 0: "today", 1: "tomorrow" };
  const word = words[away];
  return word && capital ? word[0].toUpperCase() + word.slice(1) : word;
}

export function dayTitle(epoch) {
  return (
    nearDay(epoch, true) ||
    format(new Date(epoch * 1000), { weekday: "long", day: "numeric", month: "long" }, timeZone())
  );
}

function ago(epoch) {
  const seconds = Math.round(epoch - Date.now() / 1000);
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  for (const [unit, size] of [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ]) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return words.format(seconds, "second");
}

const DATE = {
  date_num: (tz, epoch) => wallTime(epoch, tz).slice(0, 10),
  date_slash: (tz, epoch) => wallTime(epoch, tz).slice(0, 10).replaceAll("-", "/"),
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  date_long_full: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { timeStyle: "short" },
  time_secs: { timeStyle: "medium" },
  ago: (tz, epoch) => ago(epoch),
  day_divider_pretty: (tz, epoch) => dayTitle(epoch),
};

/** Fills {date_short}, {time} … as Slack does (docs.slack.dev/messaging/formatting-message-text#date-formatting). */
export function slackDate(epoch, pattern) {
  const tz = timeZone();
  const date = new Date(epoch * 1000);
  if (Number.isNaN(date.getTime())) return null;
  return pattern.replace(/\{(\w+)\}/g, (token, name) => {
    const pretty = name.endsWith("_pretty") && name !== "day_divider_pretty";
    if (pretty && nearDay(epoch)) return nearDay(epoch);
    const rule = DATE[pretty ? name.slice(0, -7) : name];
    if (!rule) return token;
    return typeof rule === "function" ? rule(tz, epoch) : format(date, rule, tz);
  });
}
