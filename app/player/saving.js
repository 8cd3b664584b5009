// Saves a file of the page's own making to where a person's downloads go.

const KEEP_MS = 60_000; // how long a browser may take to begin a download

/** @type {(file: Blob, name: string) => void} */
export function saveFile(file, name) {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}
