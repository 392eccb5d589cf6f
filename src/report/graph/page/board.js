// The middle: a board with a band for each stack and a column for each kind, or lists where there is too much to draw.

/** More than this is listed instead of drawn. */
const MOST_DRAWN = { nodes: 60, edges: 110 };
/** Of more wires than this, none gets a sign of its own. */
const MOST_SIGNS = 70;
/** From this on, cards are small and wires are thin. */
const MANY = 30;
const MOST_IN_COLUMN = 20;
const MOST_IN_DENSE_COLUMN = 8;
const MOST_ROWS = 60;
const MOST_TILES = 48;

function showMain() {
  const main = document.getElementById("main");
  const focus = items.get(state.node);
  const parts = state.node ? focused(focus) : overview();
  main.replaceChildren(...parts);
  main.querySelectorAll(".board").forEach(wire);
}

function focused(node) {
  const edges = around(node).filter(isShown).sort(byWorst);
  const nodes = [...new Set([node, ...edges.flatMap((edge) => [edge.start, edge.end])])];
  const back = h("button", { type: "button", class: "back", onclick: () => go({ node: "", edge: "", cycle: "" }) }, icon("back"), "Overview");
  const title = h("h2", {}, h("span", { class: "kind" }, `${typeOf(node)} `), broken(nameOf(node)));
  const hidden = around(node).length - edges.length;
  return [
    h("div", { class: "crumbs" }, back, title, node.cycles.length > 0 && turn("part of a cycle")),
    facts(node),
    board(nodes, edges, node),
    hidden > 0 && h("p", { class: "empty" }, `${counted(hidden, "link")} hidden by the choice of verdicts`),
    edges.length === 0 && hidden === 0 && h("p", { class: "empty" }, nothingBut(node)),
  ].filter(Boolean);
}

function facts(node) {
  const stack = stackOf(node);
  const place = placeOf(node);
  const said = [
    ["Stack", stack !== OUTSIDE && h("button", { type: "button", class: "inline", onclick: () => go({ stack: stack.id, node: "", edge: "", cycle: "" }) }, stack.name)],
    ["Account", stack.account],
    ["Region", stack.region],
    ["Logical id", nameOf(node) !== node.label && node.label],
    ["Construct", node.construct],
    ["Declared", place?.range && h("span", { class: "code" }, `${place.file}:${place.range.start.line}`)],
    ["ARN", node.arn && h("code", {}, node.arn)],
  ];
  return h("dl", { class: "facts" }, said.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

const nothingBut = (node) => (node.kind === "key" ? "Nothing in view is granted this key or names it" : "It is here as part of a cycle alone");

function overview() {
  const words = wanted();
  const edges = drawn.filter((edge) => edgePasses(edge, words));
  const nodes = new Set(edges.flatMap((edge) => [edge.start, edge.end]));
  for (const node of graph.nodes) if (nodePasses(node, words) && node.kind !== "resource") nodes.add(node);
  const within = items.get(state.stack);
  const parts = [state.stack && inStack(within), circles()];
  if (nodes.size === 0) {
    parts.push(h("p", { class: "empty" }, graph.nodes.length === 0 ? "No keys in view" : "Nothing fits: reset the filters to see all"));
  } else if (nodes.size <= MOST_DRAWN.nodes && edges.length <= MOST_DRAWN.edges) {
    parts.push(board(graph.nodes.filter((node) => nodes.has(node)), edges, null));
  } else {
    parts.push(tiles(edges, nodes), rows(edges));
  }
  return parts.filter(Boolean);
}

function inStack(stack) {
  const about = [stack.account, stack.region, stack.file].filter(Boolean).join(" · ");
  const leave = h("button", { type: "button", class: "back", onclick: () => go({ stack: "" }) }, icon("back"), "All stacks");
  return h("div", { class: "crumbs" }, leave, h("h2", {}, h("span", { class: "kind" }, "stack "), broken(stack.name)), about && h("span", { class: "kind" }, about));
}

function circles() {
  const cycles = graph.cycles.filter((cycle) => !state.stack || touches(cycle, state.stack));
  if (cycles.length === 0) return null;
  return h(
    "section",
    { class: "sheet" },
    h("h2", {}, turn("cycles"), "Cycles ", h("small", {}, String(cycles.length))),
    some(cycles, 8, circle, (more) => `Show ${more} more`),
  );
}

const KIND_OF_CYCLE = { resources: "in a template", stacks: "between stacks", latent: "latent" };

function circle(cycle) {
  const name = h("span", { class: "verdict need" }, icon("cycle"), KIND_OF_CYCLE[cycle.kind]);
  return h("button", { type: "button", class: "row", "data-cycle": cycle.id, onclick: () => go({ cycle: cycle.id, edge: "" }) }, name, h("span", { class: "what" }, told(cycle.text)));
}

function touches(cycle, stack) {
  const ends = cycle.steps.flatMap((step) => [items.get(step).start, items.get(step).end]);
  return [items.get(cycle.key), ...ends].some((end) => end.id === stack || end.stack === stack);
}

/** What there is in an overview: stacks, or the keys of what is left of them. */
function tiles(edges, nodes) {
  const ofKey = Map.groupBy(edges.filter((edge) => edge.kind === "grant"), (edge) => edge.end);
  if (state.stack || state.query) {
    const keys = [...nodes].filter((node) => node.kind === "key" && !isUnseen(node) && (!state.stack || node.stack === state.stack));
    return laidOut(keys.map((key) => [key, ofKey.get(key) ?? []]), ([key, grants]) => keyTile(key, grants));
  }
  const shown = [...nodesOf].filter(([, own]) => own.length > 0);
  const withGrants = shown.map(([stack, own]) => [stack, own.flatMap((node) => ofKey.get(node) ?? [])]);
  return laidOut(withGrants, ([stack, grants]) => stackTile(stack, nodesOf.get(stack), grants));
}

/** Tiles in their order, or where they are many, those first that need attention. */
function laidOut(things, make) {
  const dead = ([thing, grants]) => {
    const counts = tallyOf(grants);
    return [thing.cycles.length, ...WORST_FIRST.map((verdict) => counts.get(verdict))];
  };
  const sorted = things.map((thing) => [dead(thing), thing]).sort(([a], [b]) => b.reduce((order, count, at) => order || count - a[at], 0));
  const ordered = things.length > MOST_TILES ? sorted.map(([, thing]) => thing) : things;
  return h("div", { class: "stacks" }, some(ordered, MOST_TILES, make, (more) => `Show all, ${more} more`));
}

function keyTile(key, grants) {
  const name = h("b", {}, h("span", {}, broken(nameOf(key))), key.cycles.length > 0 && turn("part of a cycle"));
  const about = [typeOf(key), !state.stack && key.stack && `in ${stackOf(key).name}`].filter(Boolean).join(" ");
  return h("button", { type: "button", class: key.cycles.length > 0 ? "tile circular" : "tile", "data-node": key.id, onclick: () => choose(key) }, name, h("small", {}, about), share(grants), tally(grants));
}

function stackTile(stack, nodes, grants) {
  const count = (kind) => nodes.filter((node) => node.kind === kind && !isUnseen(node)).length;
  const said = [["key", "key"], ["principal", "principal"], ["alias", "alias", "aliases"], ["consumer", "consumer"]]
    .map(([kind, one, many]) => [count(kind), one, many])
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => counted(number, one, many));
  const open = () => go({ stack: stack.id, node: "", edge: "", cycle: "" });
  return h(
    "button",
    { type: "button", title: stack.file, class: stack.cycles.length > 0 ? "tile circular" : "tile", onclick: open, disabled: stack === OUTSIDE },
    h("b", {}, h("span", {}, broken(stack.name)), stack.cycles.length > 0 && turn("part of a cycle")),
    isTwin(stack) && h("small", {}, broken(stack.file ?? "")),
    h("small", {}, said.join(", ")),
    share(grants),
    tally(grants),
  );
}

/** How much of the grants comes to what, as a bar. */
function share(grants) {
  const parts = [...tallyOf(grants)].filter(([, number]) => number > 0).map(([verdict, number]) => {
    const part = h("span", { class: verdict });
    part.style.flexGrow = number;
    return part;
  });
  return h("span", { class: "share", "aria-hidden": "true" }, parts);
}

/** The grants as a list, what needs attention first. */
function rows(edges) {
  const grants = edges.filter((edge) => edge.kind === "grant" || edge.verdict !== "effective").sort(byWorst);
  return h(
    "section",
    { class: "sheet" },
    h("h2", {}, "Grants ", h("small", {}, `${grants.length.toLocaleString("en")}, those without effect first`)),
    some(grants, MOST_ROWS, row, (more) => `Show all, ${more.toLocaleString("en")} more`),
  );
}

function row(edge) {
  const why = edge.verdict === "effective" ? "" : edge.remarks[0] ?? "";
  return h(
    "button",
    { type: "button", class: "row", "data-edge": edge.id, onclick: () => go({ edge: edge.id, cycle: "" }) },
    verdictOf(edge),
    h(
      "span",
      { class: "what" },
      h("b", {}, broken(nameOf(edge.start))), " → ", h("b", {}, broken(nameOf(edge.end))), " ",
      h("span", { class: "stackname" }, edge.end.stack ? stackOf(edge.end).name : ""), " ",
      h("code", {}, gist(edge)), edge.cycles.length > 0 && [" ", turn("part of a cycle")],
      why && h("span", { class: "why" }, told(why)),
    ),
  );
}

function board(nodes, edges, focus) {
  const columns = COLUMNS.filter((column) => nodes.some((node) => column.kinds.includes(node.kind)));
  const order = [...graph.stacks, OUTSIDE];
  if (focus) order.sort((a, b) => (b === stackOf(focus)) - (a === stackOf(focus)));
  const there = new Set(edges);
  const isDense = nodes.length > MANY;
  const bands = order
    .map((stack) => [stack, nodes.filter((node) => stackOf(node) === stack)])
    .filter(([, own]) => own.length > 0)
    .map(([stack, own]) => band(stack, columns, own, there, focus, isDense ? MOST_IN_DENSE_COLUMN : MOST_IN_COLUMN));
  const heads = h("div", { class: "heads", "aria-hidden": "true" }, columns.map((column) => h("span", {}, column.title)));
  const element = h("div", { class: isDense ? "board dense" : "board" }, heads, ...bands);
  element.style.setProperty("--columns", columns.length);
  element.edges = edges;
  return element;
}

function band(stack, columns, nodes, there, focus, most) {
  const about = [stack.account, stack.region, stack.parent && `nested in ${items.get(stack.parent).name}`, stack.file].filter(Boolean);
  const name = stack === OUTSIDE ? "Outside of the templates" : h("span", {}, h("small", {}, "stack "), stack.name);
  const title = h("h3", {}, name, stack.cycles.length > 0 && turn("part of a cycle"), about.length > 0 && h("small", {}, about.join(" · ")));
  const column = ({ kinds }) => {
    const own = nodes.filter((node) => kinds.includes(node.kind));
    return h("div", { class: "col" }, some(own, most, (node) => card(node, there, focus), (more) => `Show ${more} more`));
  };
  const kind = stack === OUTSIDE ? " outside" : "";
  return h("section", { class: `band${stack.cycles.length > 0 ? " circular" : ""}${kind}` }, title, h("div", { class: "cols" }, columns.map(column)));
}

function card(node, there, focus) {
  // A link stands where it leads from, or at the resource that names something.
  const own = node.links.filter((edge) => there.has(edge) && (edge.kind === "grant" ? edge.start : edge.end) === node).sort(byWorst);
  const marks = [node.kind, node.cycles.length > 0 && "circular", node === focus && "focus", isUnseen(node) && "unseen"];
  const names = h("span", { class: "names" }, h("b", {}, broken(nameOf(node))), h("small", {}, typeOf(node)));
  const title = h(
    "button",
    { type: "button", class: "title", "data-node": node.id, onclick: () => choose(node) },
    icon(node.kind), names, node.cycles.length > 0 && turn("part of a cycle"), node.kind === "key" && tally(node.links),
  );
  const links = own.length > 0 && h("ul", { class: "links" }, own.map((edge) => linkTo(edge, node, node !== focus && (edge.start === focus || edge.end === focus))));
  return h("article", { class: `card ${marks.filter(Boolean).join(" ")}`, "data-card": node.id }, title, links);
}

/** Draws the wires of a board, again whenever its size changes, and follows pointer and focus. */
function wire(element) {
  const draw = () => drawWires(element);
  new ResizeObserver(draw).observe(element);
  const light = (event) => {
    const link = event.target.closest("[data-edge]");
    const own = event.target.closest("[data-card]");
    const ids = link ? [link.dataset.edge] : own ? items.get(own.dataset.card).links.map((edge) => edge.id) : [];
    const on = new Set(ids);
    element.classList.toggle("dim", on.size > 0);
    element.querySelectorAll(".wire").forEach((one) => one.classList.toggle("on", on.has(one.dataset.wire)));
  };
  for (const kind of ["pointerover", "focusin"]) element.addEventListener(kind, light);
  for (const kind of ["pointerleave", "focusout"]) element.addEventListener(kind, () => element.classList.remove("dim"));
}

function drawWires(element) {
  element.querySelector(":scope > svg")?.remove();
  const cards = new Map([...element.querySelectorAll("[data-card]")].map((card) => [card.dataset.card, card]));
  const links = new Map([...element.querySelectorAll("[data-edge]")].map((link) => [link.dataset.edge, link]));
  const origin = element.getBoundingClientRect();
  const at = (part, side) => {
    const box = part.getBoundingClientRect();
    return { x: (side === "left" ? box.left : box.right) - origin.left, y: (box.top + box.bottom) / 2 - origin.top };
  };
  const svg = s("svg", { "aria-hidden": "true" });
  const signs = [];
  for (const edge of element.edges) {
    const [from, to] = [cards.get(edge.from), cards.get(edge.to)];
    if (!from || !to) continue;
    const link = links.get(edge.id);
    const start = at((edge.kind === "grant" && link) || from.firstElementChild, "right");
    const end = at((edge.kind !== "grant" && link) || to.firstElementChild, "left");
    if (edge.kind === "grant") start.x = at(from, "right").x;
    else end.x = at(to, "left").x;
    const bend = Math.max(24, (end.x - start.x) / 2);
    const path = `M${start.x} ${start.y}C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`;
    const circular = edge.cycles.length > 0 ? " circular" : "";
    svg.append(s("path", { class: `wire ${edge.verdict}${circular}`, d: path, "data-wire": edge.id }));
    if (edge.verdict !== "effective" || circular) signs.push(sign(edge, start, end, bend));
  }
  if (signs.length <= MOST_SIGNS) svg.append(...signs);
  element.append(svg);
}

/** A sign on a wire, nearer to where it is told from others. */
function sign(edge, start, end, bend) {
  const t = edge.kind === "grant" ? 0.3 : 0.7;
  const u = 1 - t;
  const along = (a, b, c, d) => u ** 3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t ** 3 * d;
  const x = along(start.x, start.x + bend, end.x - bend, end.x);
  const y = along(start.y, start.y, end.y, end.y);
  const name = edge.verdict === "effective" ? "cycle" : edge.verdict;
  const tone = name === "cycle" ? "need" : edge.verdict;
  return s(
    "g",
    { class: `badge ${tone}`, transform: `translate(${x} ${y})` },
    s("circle", { r: 7.5 }),
    s("use", { href: `#i-${name}`, x: -5, y: -5, width: 10, height: 10 }),
  );
}
