// The side of evidence: what is chosen, why it is so, and the lines that say it.

function showDetail() {
  const aside = by("detail");
  const parts = state.edge ? ofEdge(items.get(state.edge)) : state.cycle ? ofCycle(items.get(state.cycle)) : [];
  aside.hidden = parts.length === 0;
  aside.replaceChildren(...parts.flat(Infinity).filter(Boolean));
  aside.scrollTop = 0;
}

function top(title, kind) {
  const close = h("button", { type: "button", class: "close", onclick: back, "aria-label": "Close" }, icon("close"));
  return h("div", { class: "top" }, h("div", {}, h("h2", {}, title), h("span", { class: "kind" }, kind)), close);
}

const back = () => go({ edge: "", cycle: "" });

function ofEdge(edge) {
  const other = { alias: "is called", use: "is named by" }[edge.kind];
  const ends = [edge.start, edge.end].map((node) => h("button", { type: "button", class: "inline", onclick: () => choose(node) }, broken(nameOf(node))));
  const title = [ends[0], ` ${other ?? "→"} `, ends[1]];
  const kind = `${typeOf(edge.start)} ${other ?? "→"} ${typeOf(edge.end)}`;
  return [
    top(title, kind),
    h("p", {}, verdictOf(edge)),
    edge.actions.length > 0 && h("ul", { class: "actions", "aria-label": "Actions" }, edge.actions.map((action) => h("li", { class: "code" }, action))),
    edge.property && h("p", {}, h("code", {}, edge.property)),
    edge.remarks.map((remark) => h("p", {}, told(remark))),
    partOf(edge),
    h("h3", {}, "Evidence"),
    edge.evidence.length > 0 ? edge.evidence.map(proof) : h("p", {}, "No statement in view takes part: nothing allows it"),
  ];
}

function partOf(thing) {
  if (thing.cycles.length === 0) return null;
  const link = (id) => h("li", {}, h("button", { type: "button", class: "inline", onclick: () => go({ cycle: id, edge: "" }) }, items.get(id).text.replaceAll("`", "")));
  return [h("h3", {}, "Part of a cycle"), h("ul", {}, thing.cycles.map(link))];
}

function ofCycle(cycle) {
  const steps = cycle.steps.map((id) => items.get(id));
  const ends = steps.flatMap((step, at) => (step.start === steps[at - 1]?.end ? [step.end] : [step.start, step.end]));
  const names = ends.map((end) => (end.label === undefined ? `stack ${end.name}` : nameOf(end)));
  return [
    top("Cycle", KIND_OF_CYCLE[cycle.kind]),
    h("p", {}, h("span", { class: "verdict need" }, icon("cycle"), cycle.certain ? names.join(" → ") : "not known")),
    h("p", {}, told(cycle.text)),
    cycle.remarks.map((remark) => h("p", {}, told(remark))),
    h("p", {}, "About ", h("button", { type: "button", class: "inline", onclick: () => choose(items.get(cycle.key)) }, broken(nameOf(items.get(cycle.key))))),
    steps.length > 0 && h("h3", {}, "Steps"),
    steps.flatMap((step) => step.evidence.map(proof)),
  ];
}

function proof(evidence) {
  const place = placeOf(evidence);
  return h("figure", { class: "proof" }, h("figcaption", {}, told(evidence.text)), place && written(place));
}

/** The lines of a place, with their numbers. */
function written(place) {
  const at = place.file && h("span", { class: "at code" }, place.range ? `${plain(place.file)}:${place.range.start.line}:${place.range.start.column}` : place.file);
  if (!place.excerpt) return h("p", {}, at);
  // Where the place is all that is on its lines, there is nothing to tell it from.
  const isWhole = place.excerpt.lines.every((line) => /^[\s-]*$/.test(line.before) && /^[\s,]*$/.test(line.after));
  const lines = place.excerpt.lines.map((line) =>
    h("li", {}, h("span", { class: "number" }, String(line.line)), h("pre", {}, line.before, isWhole ? line.marked : h("mark", {}, line.marked), line.after)),
  );
  const rest = place.excerpt.more > 0 && h("li", { class: "rest" }, `and ${counted(place.excerpt.more, "line")} more`);
  return h("div", {}, at, h("ol", { class: "lines", tabindex: "0", "aria-label": "Source" }, lines, rest));
}

const MEANINGS = [
  ["effective", "Effective", "put together with all policies in view, it lets the principal do it"],
  ["ineffective", "Ineffective", "it is written, and does nothing"],
  ["undecided", "Undecided", "cannot be known from the templates alone"],
  ["need", "Part of a cycle", "drawn thick, marked with a turning arrow: none of its parts can be created first"],
];

function legend() {
  const line = ([name, word, meaning]) => {
    const stroke = s("svg", { class: `stroke ${name}`, viewBox: "0 0 52 16", "aria-hidden": "true" });
    stroke.append(s("path", { class: name === "need" ? "wire circular" : "wire", d: "M1 8h50" }));
    stroke.append(s("g", { class: "badge", transform: "translate(26 8)" }, s("circle", { r: 7.5 }), s("use", { href: `#i-${name === "need" ? "cycle" : name}`, x: -5, y: -5, width: 10, height: 10 })));
    return h("li", {}, stroke, h("span", {}, h("b", {}, word), `: ${meaning}`));
  };
  return [
    h("p", {}, "From left to right: who is granted a key, the key, the names it goes by, and the resources that use it; a box for each stack."),
    h("ul", { class: "legend" }, MEANINGS.map(line)),
    h("p", {}, "Choose a name to see what it is linked to, or a verdict to see the statements behind it. ", h("code", {}, "/"), " leads to the search, ", h("code", {}, "Esc"), " back."),
  ];
}
