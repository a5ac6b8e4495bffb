// In which language does the page speak? Portuguese or English: as chosen, else as the browser says.

const LANGUAGES = ["en", "pt"];
const CHOSEN = "esteira.language";

let words = {};
export let language = "en";

/** Fetches the words of the language that is wanted. */
export async function learn() {
  const wanted = [localStorage.getItem(CHOSEN), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
  language = wanted.find((one) => LANGUAGES.includes(one)) ?? "en";
  words = (await import(`/console/words-${language}.js`)).default;
  document.documentElement.lang = language === "pt" ? "pt-BR" : "en";
}

/** Remembers the other language. */
export async function switchLanguage() {
  localStorage.setItem(CHOSEN, language === "pt" ? "en" : "pt");
  await learn();
}

/** What is said under a key, with `{name}` replaced. A key without words shows itself, so that it is found. */
export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

const locale = () => (language === "pt" ? "pt-BR" : "en-GB");

/** An instant, in the time zone of whoever looks. */
export function instant(text) {
  if (!text) return "";
  const date = new Date(text);
  const today = date.toDateString() === new Date().toDateString();
  const day = today ? {} : { day: "2-digit", month: "short", year: "numeric" };
  const shown = new Intl.DateTimeFormat(locale(), { ...day, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const element = document.createElement("time");
  element.dateTime = text;
  element.title = text;
  element.textContent = shown.format(date);
  return element;
}

/** A day of UTC, as the ledger keeps it. */
export function day(text) {
  return new Intl.DateTimeFormat(locale(), { day: "2-digit", month: "short", timeZone: "UTC" }).format(new Date(text));
}

/** A number, or what stands for no limit. */
export function number(value, digits = 0) {
  if (value === null || value === undefined) return "∞";
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** A length of time, in the two greatest units that it has. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 10) return `${number(seconds, 1)} s`;
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  const [name, size] = units[first];
  const [next, smaller] = units[first + 1] ?? [];
  const rest = next ? Math.floor((seconds % size) / smaller) : 0;
  return `${Math.floor(seconds / size)} ${name}${rest ? ` ${rest} ${next}` : ""}`;
}

/** A number of bytes. */
export function bytes(value) {
  if (value === null || value === undefined) return "∞";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const at = value < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${number(value / 1024 ** at, at ? 1 : 0)} ${units[at]}`;
}
