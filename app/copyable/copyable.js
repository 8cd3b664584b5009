// A text and a button that copies it.

const SAID_MS = 4000;

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
  shown.textContent = data.text;
  shown.setAttribute("aria-label", data.label);
  button.setAttribute("aria-label", `Copy: ${data.label}`);
  button.onclick = async () => {
    status.textContent = (await copy(data.text, shown)) ? "Copied" : "Selected: copy it with your keys";
    clearTimeout(status.timer);
    status.timer = setTimeout(() => { status.textContent = ""; }, SAID_MS);
  };
}
