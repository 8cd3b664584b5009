// A text of the visitor's, kept in the browser where it lets pages keep anything: never a failure where it does not.

/**
 * Keeps a text under a name; an empty one is forgotten. Where the page has none yet, null, hands it what was kept.
 * @param {{ data: { name: string, text: string | null }, setTriggerValue: (name: string, value: unknown) => void }} component
 */
export default function mountKept({ data: { name, text }, setTriggerValue }) {
  try {
    const found = localStorage.getItem(name);
    if (text === null && found) setTriggerValue("found", found);
    else if (text) localStorage.setItem(name, text);
    else if (text === "") localStorage.removeItem(name);
  } catch {
    // a private window or a full store keeps nothing
  }
}
