// Numbers as people read them, in Python's own formats but for a minus sign in place of a hyphen, as
// ulpm_core/model/number_words.py writes them.

import { power } from "../numbers.js";

/**
 * The whole number nearest to size x 10^decimals, of two the even one, from the exact value of a number that is
 * positive: what JavaScript itself rounds up at a half, Python does not.
 * @type {(size: number, decimals: number) => bigint}
 */
function scaledWhole(size, decimals) {
  let [whole, halvings] = [size, 0];
  for (; !Number.isInteger(whole); whole *= 2) halvings += 1;
  const above = BigInt(whole) * 10n ** BigInt(Math.max(0, decimals));
  const below = 2n ** BigInt(halvings) * 10n ** BigInt(Math.max(0, -decimals));
  const [quotient, twice] = [above / below, (above % below) * 2n];
  return twice > below || (twice === below && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** @type {(value: number, written: (size: number) => string) => string} */
function withSign(value, written) {
  if (Number.isNaN(value)) return "nan";
  const words = Number.isFinite(value) ? written(Math.abs(value)) : "inf";
  return value < 0 || Object.is(value, -0) ? `−${words}` : words;
}

/** Commas between thousands before the point. @type {(text: string) => string} */
function withCommas(text) {
  return text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

/** @type {(size: number, decimals: number) => string} */
function fixedSize(size, decimals) {
  const digits = String(scaledWhole(size, decimals)).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  return decimals ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits;
}

/** The first digits of a positive number, and the exponent of the first. @type {(size: number, count: number) => { digits: string, exponent: number }} */
function firstDigits(size, count) {
  const exponent = Number(size.toExponential().split("e")[1]);
  const digits = String(scaledWhole(size, count - 1 - exponent));
  return digits.length > count ? { digits: digits.slice(0, count), exponent: exponent + 1 } : { digits, exponent };
}

/** @type {(size: number, precision: number) => string} */
function generalSize(size, precision) {
  if (size === 0) return "0";
  const count = Math.max(1, precision);
  const { digits, exponent } = firstDigits(size, count);
  if (exponent >= -4 && exponent < count) return withoutZeros(fixedSize(size, count - 1 - exponent));
  const mantissa = withoutZeros(`${digits[0]}.${digits.slice(1)}`);
  return `${mantissa}e${exponent < 0 ? "−" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** @type {(text: string) => string} */
function withoutZeros(text) {
  return text.includes(".") ? text.replace(/\.?0*$/, "") : text;
}

/** So many digits behind the point, ".2f". @type {(value: number, decimals: number) => string} */
export function fixed(value, decimals) {
  return withSign(value, (size) => fixedSize(size, decimals));
}

/** A whole number with commas, ",.0f". @type {(value: number) => string} */
export function grouped(value) {
  return withSign(value, (size) => withCommas(fixedSize(size, 0)));
}

/** So many digits, with a power of ten where the number is large or small, ".6g". @type {(value: number, precision?: number) => string} */
export function general(value, precision = 6) {
  return withSign(value, (size) => generalSize(size, precision));
}

/** Three digits of a figure: 1,234 or 0.0123 or 3.2 × 10⁻⁹. @type {(value: number) => string} */
export function numberWords(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e-3 && size < 999.5) return general(value, 3);
  if (size >= 999.5 && size < 1e9) return grouped(value);
  if (!Number.isFinite(value)) return general(value);
  const { digits, exponent } = firstDigits(size, 2);
  return `${value < 0 ? "−" : ""}${digits[0]}.${digits[1]} × 10${power(exponent)}`;
}

/** e^x: as a number while that is short, else as a power. @type {(logValue: number) => string} */
export function powerOfE(logValue) {
  if (logValue >= Math.log(1e6)) return `e^${grouped(logValue)}`;
  return logValue < Math.log(1000) - 1e-9 ? general(Math.exp(logValue), 3) : grouped(Math.exp(logValue));
}
