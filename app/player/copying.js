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
