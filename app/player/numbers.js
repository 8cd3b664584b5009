// Writes figures as people read them; the same rule as `number` in ulpm_core/model/number_words.py.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 1,234 or 0.0123 or 3.2 × 10⁻⁹; "–" where there is no number. @type {(value: number | null | undefined) => string} */
export function figure(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e-3 && size < 999.5) return String(Number(value.toPrecision(3))).replace("-", "−");
  if (size >= 999.5 && size < 1e9) return Math.round(value).toLocaleString("en").replace("-", "−");
  const [mantissa, exponent] = value.toExponential(1).split("e");
  return `${mantissa.replace("-", "−")} × 10${power(Number(exponent))}`;
}

/** An exponent in superscript digits. @type {(exponent: number) => string} */
export function power(exponent) {
  return (exponent < 0 ? "⁻" : "") + [...String(Math.abs(exponent))].map((d) => SUPERSCRIPTS[Number(d)]).join("");
}

/**
 * Time by its logarithm: as a number while that is short, else as a power of e; null is t = 0.
 * @type {(logTime: number | null) => string}
 */
export function timeWords(logTime) {
  if (logTime === null) return "0";
  if (logTime < Math.log(1e6)) return figure(Math.exp(logTime));
  const exponent = logTime < 1000 ? Number(logTime.toPrecision(4)) : Math.round(logTime);
  return `e^${exponent.toLocaleString("en")}`;
}
