// Copies a text for a person.

/**
 * Copies a text, and returns whether that went well. Pages without https have no clipboard: there what `select` selects is
 * copied as by hand.
 * @type {(text: string, select: () => void) => Promise<boolean>}
 */
export async function copied(text, select) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    select();
    return document.execCommand("copy");
  }
}

/** Copies a text that stands nowhere on the page, and returns whether that went well. @type {(text: string) => Promise<boolean>} */
export async function copiedText(text) {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "fp-unseen";
  const hasCopied = await copied(text, () => {
    (before?.parentElement ?? document.body).append(area); // within a dialog, where one is open
    area.value = text;
    area.select();
  });
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return hasCopied;
}
