// Reads base64, in which a page carries bytes as text.

/** The bytes that base64 text stands for. @type {(base64: string) => ArrayBuffer} */
export function bytesOf(base64) {
  const text = atob(base64.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}
