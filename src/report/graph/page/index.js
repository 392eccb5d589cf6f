// The stacks with what is in them, at the side.

const KINDS = [
  ["key", "Keys"],
  ["principal", "Principals"],
  ["alias", "Aliases"],
  ["consumer", "Consumers"],
  ["resource", "Other resources"],
];
/** Fewer nodes than this are all listed at once. */
const FEW_NODES = 40;
/** Stacks that are opened for what was searched. */
const MOST_OPENED = 6;
const opened = new Map();

const nodesOf = new Map([...graph.stacks, OUTSIDE].map((stack) => [stack, []]));
for (const node of graph.nodes) nodesOf.get(stackOf(node)).push(node);

function showIndex() {
  const words = wanted();
  const isSearch = words.length > 0;
  let found = 0;
  let open = 0;
  const groups = [];
  for (const [stack, all] of nodesOf) {
    const nodes = all.filter((node) => nodePasses(node, words));
    if (nodes.length === 0) continue;
    found += nodes.length;
    const isFew = graph.nodes.length <= FEW_NODES;
    const own = opened.get(stack) ?? (isFew || [state.stack, items.get(state.node)?.stack].includes(stack.id));
    const isOpen = isSearch ? open < MOST_OPENED : own;
    open += isOpen ? 1 : 0;
    groups.push(group(stack, nodes, isOpen, isSearch));
  }
  const overview = h(
    "button",
    { type: "button", class: "entry all", "data-node": "", onclick: () => go({ node: "", edge: "", cycle: "" }) },
    h("span", { class: "name" }, "Overview"),
  );
  document.getElementById("index").replaceChildren(overview, ...groups);
  return found;
}

function group(stack, nodes, isOpen, isSearch) {
  const keys = nodes.filter((node) => node.kind === "key");
  const details = h(
    "details",
    { open: isOpen },
    h(
      "summary",
      {},
      h("span", { class: "name" }, broken(stack.name)),
      stack.cycles.length > 0 && turn("part of a cycle"),
      tally(keys.flatMap((key) => key.links).filter(isShown)),
    ),
  );
  const fill = () => {
    if (details.children.length > 1) return;
    for (const [kind, title] of KINDS) {
      const own = nodes.filter((node) => node.kind === kind);
      if (own.length === 0) continue;
      details.append(h("h4", {}, title), h("ul", {}, some(own, 100, listed, (more) => `Show ${more} more`)));
    }
    markChosen();
  };
  details.addEventListener("toggle", () => {
    if (!isSearch) opened.set(stack, details.open);
    if (details.open) fill();
  });
  if (isOpen) fill();
  return details;
}

function listed(node) {
  const dead = node.links.filter((edge) => edge.kind !== "grant" && edge.kind !== "need" && edge.verdict !== "effective");
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "entry", "data-node": node.id, onclick: () => choose(node) },
      icon(node.kind),
      h("span", { class: "name" }, broken(nameOf(node))),
      node.cycles.length > 0 && turn("part of a cycle"),
      dead.length > 0 && h("span", { class: `tally ${dead[0].verdict}` }, h("span", {}, icon(dead[0].verdict))),
      tally(node.links.filter(isShown)),
    ),
  );
}

const choose = (node) => go({ node: node.id, edge: "", cycle: "" });

function markChosen() {
  for (const entry of document.querySelectorAll("[data-node]")) {
    const isIt = entry.dataset.node === state.node && entry.classList.contains("entry");
    if (isIt) entry.setAttribute("aria-current", "true");
    else entry.removeAttribute("aria-current");
  }
  for (const link of document.querySelectorAll("[data-edge]")) {
    if (link.dataset.edge === state.edge) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** Up and down lead from entry to entry. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const stops = [...event.currentTarget.querySelectorAll("summary, button")].filter((stop) => stop.checkVisibility());
  const next = stops[stops.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
