// Elements.

/** Text in which nothing steers, hides or reorders what stands beside it. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const ESCAPES = { "\n": "\\n", "\r": "\\r", "\t": "  " };
const plain = (text) =>
  String(text).replace(HIDDEN, (ch) => ESCAPES[ch] ?? `\\u{${ch.codePointAt(0).toString(16)}}`);

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : plain(value));
  }
  const there = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  element.append(...there.map((child) => (child instanceof Node ? child : plain(child))));
  return element;
}

function s(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A name that may break where its words end. */
const broken = (name) => plain(name).split(/(?<=[/:_.-])|(?<=[a-z0-9])(?=[A-Z])/).flatMap((part) => [part, document.createElement("wbr")]);

const icon = (name) => s("svg", { class: "icon", "aria-hidden": "true" }, s("use", { href: `#i-${name}` }));
const turn = (title) => h("span", { class: "turn", title, role: "img", "aria-label": title }, icon("cycle"));
const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** Text with code in backticks. */
const told = (text) =>
  text.split("`").map((part, at) => (at % 2 === 1 ? h("code", {}, part) : part)).filter((part) => part !== "");

function tally(edges) {
  const counts = [...tallyOf(edges)].filter(([, count]) => count > 0);
  return h(
    "span",
    { class: "tally" },
    counts.map(([verdict, count]) =>
      h("span", { class: verdict, title: `${count} ${verdict}` }, icon(verdict), String(count), h("span", { class: "aside" }, ` ${verdict}`)),
    ),
  );
}

const verdictOf = (edge) => h("span", { class: `verdict ${edge.verdict}` }, icon(edge.verdict), wordOf(edge));

function briefly(actions) {
  const rest = actions.length - 2;
  return actions.slice(0, 2).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** What an edge says beside its verdict: actions, or by which property a key is named. */
function gist(edge) {
  if (edge.kind === "grant") return briefly(edge.actions);
  if (edge.kind === "alias") return edge.verdict === "effective" ? "names it" : "";
  if (edge.kind === "use") return edge.property.split(".").filter((part) => part !== "*").at(-1);
  return "";
}

/** A link as a line to press. `seenFrom` is the end that stands above it; where the other end is plain, it is not named. */
function linkTo(edge, seenFrom, isPlain) {
  const other = edge.start === seenFrom ? edge.end : edge.start;
  const arrow = edge.start === seenFrom ? "→" : "←";
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: `link ${edge.verdict}`, "data-edge": edge.id, onclick: () => go({ edge: edge.id, cycle: "" }) },
      icon(edge.verdict),
      h(
        "span",
        { class: "rest" },
        h("span", { class: edge.kind !== "grant" && edge.verdict === "effective" ? "aside" : "word" }, wordOf(edge)),
        " ",
        gist(edge),
        !isPlain && h("span", { class: "to" }, ` ${arrow} `, broken(nameOf(other))),
        edge.cycles.length > 0 && [" ", turn("part of a cycle")],
      ),
    ),
  );
}

/** The first of many, and a button for the rest. */
function some(list, most, make, more) {
  const made = list.slice(0, most).map(make);
  if (list.length <= most) return made;
  const button = h("button", { type: "button", class: "more" }, more(list.length - most));
  button.addEventListener("click", () => {
    const rest = list.slice(most).map(make);
    (button.closest("li") ?? button).replaceWith(...rest);
    document.dispatchEvent(new Event("grown"));
  });
  return [...made, button];
}
