// All that Streamlit sends of a component of ours: where its script and its style are.

const here = (address) => new URL(address, document.baseURI).href;

/** The style sheet, asked for once for the whole page. */
function styled(href) {
  const known = [...document.querySelectorAll("link[rel=stylesheet]")].find((link) => link.href === href);
  const link = known ?? Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  if (!known) document.head.append(link);
  if (link.sheet) return null;
  return new Promise((resolve, reject) => { // of several components on one sheet, each is told
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", reject, { once: true });
  });
}

export default async function mount(place) {
  try {
    const [module] = await Promise.all([import(here("SCRIPT")), styled(here("STYLE"))]);
    return module.default(place);
  } catch {
    place.parentElement.firstElementChild.textContent = "A part of the page did not arrive: reload the page.";
    return null;
  }
}
