// Lays a film out as bytes: the document of `ulpm_core/film/film.py`, which `app/player/film.js` reads.

const MAGIC_WORD = "ULPMFILM";

/** Rounds up to a multiple of 8. @type {(size: number) => number} */
const alignedTo8 = (size) => Math.ceil(size / 8) * 8;

/**
 * The magic, the length of the header, the JSON header padded to 8 bytes, the arrays, each aligned to 8 bytes. Every
 * browser's numbers are little endian, as the document's.
 * @type {(header: object, arrays: Record<string, { shape: number[], data: Float32Array | Float64Array }>) => ArrayBuffer}
 */
export function filmBytes(header, arrays) {
  /** @type {Record<string, { dtype: string, shape: number[], offset: number }>} */
  const layout = {};
  let size = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    layout[name] = { dtype: data instanceof Float32Array ? "float32" : "float64", shape, offset: size };
    size += alignedTo8(data.byteLength);
  }
  const text = new TextEncoder().encode(JSON.stringify({ ...header, arrays: layout }));
  const start = alignedTo8(12 + text.length);
  const bytes = new Uint8Array(start + size);
  for (let i = 0; i < MAGIC_WORD.length; i += 1) bytes[i] = MAGIC_WORD.charCodeAt(i);
  new DataView(bytes.buffer).setUint32(8, start - 12, true);
  bytes.fill(32, 12 + text.length, start); // spaces, which JSON passes over
  bytes.set(text, 12);
  for (const [name, { data }] of Object.entries(arrays)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + layout[name].offset);
  }
  return bytes.buffer;
}
