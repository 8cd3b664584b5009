// Loads a component of ours: all that Streamlit sends of it is where its script and its style are.

/** @type {(address: string) => string} */
const here = (address) => new URL(address, document.baseURI).href;

/** The style sheet, asked for once for the whole page. @type {(href: string) => Promise<unknown> | null} */
function styled(href) {
  const links = /** @type {NodeListOf<HTMLLinkElement>} */ (document.querySelectorAll("link[rel=stylesheet]"));
  const known = [...links].find((other) => other.href === href);
  const link = known ?? Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  if (!known) document.head.append(link);
  if (link.sheet) return null;
  return new Promise((resolve, reject) => { // of several components on one sheet, each is told
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", reject, { once: true });
  });
}

/** @type {(place: { parentElement: Element }) => Promise<unknown>} */
export default async function mount(place) {
  try {
    const [script, style] = ["SCRIPT", "STYLE"];
    const [module] = await Promise.all([import(here(script)), style ? styled(here(style)) : null]);
    return module.default(place);
  } catch {
    const [root] = place.parentElement.children;
    if (root) root.textContent = "A part of the page did not arrive: reload the page.";
    return null;
  }
}
