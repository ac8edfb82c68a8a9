// Building DOM nodes. Data only ever becomes text nodes and attributes, so no message can inject markup.

const SVG = "http://www.w3.org/2000/svg";
let counter = 0;

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

/** One HTML element: el("button", {class: "primary", onclick: f}, "Save"). */
export function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** One SVG element, with the same arguments as el. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function uniqueId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** The address if a person may be sent there, else null: javascript: and the like lead nowhere. */
export function safeLink(address) {
  try {
    const url = new URL(address, location.href);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function safeImage(address) {
  if (typeof address !== "string") return null;
  if (/^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/.test(address)) return address;
  const link = safeLink(address);
  return link && link.startsWith("http") ? link : null;
}

/** A link that opens in a new tab, or plain text where the address is not one to follow. */
export function outwardLink(address, ...children) {
  const href = safeLink(address);
  if (!href) return el("span", {}, ...children);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

export function readableText(node) {
  return (node.textContent || "").replace(/\s+/g, " ").trim();
}
