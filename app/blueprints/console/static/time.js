// <time datetime="…" data-time="ago | exact">: the exact time in the visitor's zone, as the text or
// on hover, and the rough words kept true while the page stays open.
// The words are those of app/domain/relative_time.py; change both.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const exactWithZone = new Intl.DateTimeFormat(undefined, {
  day: "numeric", month: "short", year: "numeric",
  hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});

export function startTimes(root) {
  showTimes(root);
  setInterval(() => showTimes(root), MINUTE);
}

export function showTimes(root) {
  for (const element of root.querySelectorAll("time[data-time]")) {
    const moment = new Date(element.dateTime);
    element.title = exactWithZone.format(moment);
    if (element.dataset.time === "exact") {
      element.textContent = exact.format(moment);
    } else {
      element.textContent = timeAgo(moment) ?? element.textContent;
    }
  }
}

// null where it is a date, which the server has written already.
function timeAgo(moment) {
  const age = Date.now() - moment.getTime();
  if (age < MINUTE) return "just now";
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  const days = Math.floor(age / DAY);
  if (days < 30) return days === 1 ? "yesterday" : `${days} days ago`;
  return null;
}
