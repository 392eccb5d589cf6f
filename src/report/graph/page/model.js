// What there is, by id, with its links; and what of it the filters let through.

const graph = JSON.parse(document.getElementById("data").textContent);
const OUTSIDE = { id: "", name: "outside of the templates", cycles: [] };
const VERDICTS = ["effective", "ineffective", "undecided"];
const WORST_FIRST = ["ineffective", "undecided", "effective"];
const COLUMNS = [
  { title: "Principals", kinds: ["principal"] },
  { title: "Keys", kinds: ["key"] },
  { title: "Aliases", kinds: ["alias"] },
  { title: "Consumers", kinds: ["consumer", "resource"] },
];

/** Maps, as names are anything: `__proto__` too. */
const items = new Map([["", OUTSIDE]]);
for (const list of [graph.stacks, graph.nodes, graph.edges, graph.cycles]) {
  for (const item of list) items.set(item.id, item);
}
for (const node of graph.nodes) node.links = [];
for (const edge of graph.edges) {
  edge.start = items.get(edge.from);
  edge.end = items.get(edge.to);
  for (const end of new Set([edge.start, edge.end])) end.links?.push(edge);
}
const stacksOfName = Map.groupBy(graph.stacks, (stack) => stack.name);
const isTwin = (stack) => (stacksOfName.get(stack.name)?.length ?? 0) > 1;
const stackOf = (node) => items.get(node.stack ?? "");
const placeOf = (thing) => (thing.place === null || thing.place === undefined ? null : graph.places[thing.place]);
/** The steps of cycles are told with the cycles; everything else is drawn. */
const drawn = graph.edges.filter((edge) => edge.kind !== "need");

const TYPES = {
  declared: { key: "key", alias: "alias" },
  imported: { key: "imported key", alias: "imported alias" },
  "aws-managed": { key: "AWS managed key" },
  pattern: { key: "any key that fits" },
  reference: { key: "no key in view" },
  holder: { principal: "policy that nobody has" },
};
const typeOf = (node) => TYPES[node.type]?.[node.kind] ?? node.type;

/** Whether a node stands for a text that names no key in view, or many. */
const isUnseen = (node) => node.type === "reference" || node.type === "pattern";

/** What people call a node: where CDK made it, the way to its construct without the stack's name. */
function nameOf(node) {
  if (node.label === undefined) return node.name;
  const [, ...path] = node.construct?.replace(/\/Resource$/, "").split("/") ?? [];
  return path.length > 0 && node.kind !== "alias" ? path.join("/") : node.label;
}

/** Words of a verdict: a grant is effective, a name leads to a key. */
const NAMING = { effective: "names a key", ineffective: "names no key", undecided: "not known" };
const wordOf = (edge) => (edge.kind === "grant" ? edge.verdict : NAMING[edge.verdict]);

const state = { node: "", edge: "", cycle: "", query: "", stack: "", hidden: new Set() };

function hayOf(thing) {
  thing.hay ??= [thing.label, thing.type, thing.arn, thing.construct, stackOf(thing).name, placeOf(thing)?.file ?? stackOf(thing).file]
    .filter(Boolean)
    .join("\n")
    .toLowerCase();
  return thing.hay;
}

function edgeHay(edge) {
  edge.hay ??= [hayOf(edge.start), hayOf(edge.end), edge.verdict, ...edge.actions, edge.property ?? "", ...edge.remarks]
    .join("\n")
    .toLowerCase();
  return edge.hay;
}

const wanted = () => state.query.toLowerCase().split(/\s+/).filter(Boolean);
const isShown = (edge) => !state.hidden.has(edge.verdict);

function edgePasses(edge, words = wanted()) {
  const inStack = !state.stack || edge.start.stack === state.stack || edge.end.stack === state.stack;
  return isShown(edge) && inStack && words.every((word) => edgeHay(edge).includes(word));
}

function nodePasses(node, words = wanted()) {
  if (state.stack && node.stack !== state.stack) return false;
  if (!words.every((word) => hayOf(node).includes(word))) return false;
  if (state.hidden.size === 0) return true;
  return node.links.some((edge) => edge.kind !== "need" && isShown(edge));
}

function tallyOf(edges) {
  const tally = new Map(VERDICTS.map((verdict) => [verdict, 0]));
  for (const edge of edges) {
    if (edge.kind === "grant") tally.set(edge.verdict, tally.get(edge.verdict) + 1);
  }
  return tally;
}

const worst = (edge) => WORST_FIRST.indexOf(edge.verdict);
const byWorst = (a, b) => worst(a) - worst(b);

/** What is shown around a node: everything it links to, and what lies between. */
function around(node) {
  const edges = new Set(node.links.filter((edge) => edge.kind !== "need"));
  const follow = (from, kind) => from?.links.filter((edge) => edge.kind === kind).forEach((edge) => edges.add(edge));
  for (const edge of [...edges]) {
    const other = edge.start === node ? edge.end : edge.start;
    if (node.kind === "key" && other.kind === "alias") follow(other, "use");
    if (node.kind === "consumer" && other.kind === "alias") follow(other, "alias");
  }
  return [...edges];
}

// The address keeps what is chosen.
const FIELDS = { node: "node", edge: "edge", cycle: "cycle", query: "q", stack: "stack" };

function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  for (const [field, name] of Object.entries(FIELDS)) state[field] = address.get(name) ?? "";
  for (const field of ["node", "edge", "cycle", "stack"]) {
    if (!items.has(state[field])) state[field] = "";
  }
  state.hidden = new Set((address.get("hide") ?? "").split(",").filter((verdict) => VERDICTS.includes(verdict)));
}

function addressOf(next) {
  const address = new URLSearchParams();
  for (const [field, name] of Object.entries(FIELDS)) if (next[field]) address.set(name, next[field]);
  if (next.hidden.size) address.set("hide", [...next.hidden].join(","));
  return `#${address}`;
}

/** Chooses something: a step that the browser's back button undoes; a change of filters is none. */
function go(changes, { quietly = false } = {}) {
  const address = addressOf({ ...state, ...changes });
  if (address === (location.hash || "#")) return;
  if (quietly) location.replace(address);
  else location.hash = address;
}
