// A text and a button that copies it.

const SAID_MS = 4000;
const LOOK = /^(?:view|camera|at|speed)=/;
const following = new WeakMap();

/** A link with how the film is looked at just now, which the player keeps in the address bar (see app/page/look.py). */
function completed(link) {
  const look = window.location.search.slice(1).split("&").filter((pair) => LOOK.test(pair));
  return look.length ? `${link}${link.includes("?") ? "&" : "?"}${look.join("&")}` : link;
}

/** Copies through the clipboard; pages without https have none, there a selection is copied as by hand. */
async function copy(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return document.execCommand("copy");
  }
}

export default function mountCopyable({ parentElement, data }) {
  const [shown, button, status] = parentElement.querySelector(".lab-copyable").children;
  following.get(shown)?.abort();
  const abort = new AbortController();
  following.set(shown, abort);
  const write = () => { shown.textContent = data.link ? completed(data.text) : data.text; };
  window.addEventListener("lab-look", write, { signal: abort.signal });
  write();
  shown.setAttribute("aria-label", data.label);
  button.setAttribute("aria-label", `Copy: ${data.label}`);
  button.onclick = async () => {
    status.textContent = (await copy(shown.textContent, shown)) ? "Copied" : "Selected: copy it with your keys";
    clearTimeout(status.timer);
    status.timer = setTimeout(() => { status.textContent = ""; }, SAID_MS);
  };
  return () => setTimeout(() => {
    if (!shown.isConnected) abort.abort(); // called between two payloads as well
  });
}
