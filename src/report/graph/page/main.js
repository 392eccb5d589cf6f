// Filters, keys, and what has to be drawn again when something changes.

const by = (id) => document.getElementById(id);
let before = "";
let opener = null;

function start() {
  const { summary } = graph;
  const parts = [
    [summary.keys, "key"],
    [summary.principals, "principal"],
    [summary.aliases, "alias", "aliases"],
    [summary.consumers, "consumer"],
  ].filter(([count]) => count > 0).map(([count, one, many]) => counted(count, one, many));
  const cycles = summary.cycles > 0 ? `, ${counted(summary.cycles, "cycle")}` : "";
  by("totals").textContent = `${parts.join(", ") || "nothing"} in ${counted(summary.stacks, "stack")}${cycles}`;
  by("verdicts").append(...VERDICTS.map(toggle));
  by("stack").append(h("option", { value: "" }, "All stacks"), ...graph.stacks.filter((stack) => nodesOf.get(stack).length > 0).map((stack) => h("option", { value: stack.id }, isTwin(stack) ? `${stack.name} (${stack.file})` : stack.name)));
  by("key").append(h("option", { value: "" }, "All keys"), ...[...nodesOf].map(keysOf).filter(Boolean));
  by("query").addEventListener("input", later(() => go({ query: by("query").value, node: "", edge: "", cycle: "" }, { quietly: true })));
  by("stack").addEventListener("change", () => go({ stack: by("stack").value, node: "", edge: "", cycle: "" }));
  by("key").addEventListener("change", () => go({ node: by("key").value, edge: "", cycle: "" }));
  by("reset").addEventListener("click", () => go({ query: "", stack: "", hidden: new Set(), node: "", edge: "", cycle: "" }));
  by("filters").addEventListener("submit", (event) => event.preventDefault());
  by("index").addEventListener("keydown", walk);
  document.addEventListener("keydown", shortcut);
  document.addEventListener("grown", () => document.querySelectorAll(".board").forEach(drawWires));
  document.addEventListener("click", (event) => { opener = event.target.closest("[data-edge], [data-cycle]") ?? opener; }, true);
  addEventListener("hashchange", show);
  const wide = matchMedia("(min-width: 1081px)");
  const adapt = () => { by("browse").open = by("legend").open = wide.matches; };
  by("legend").append(...legend());
  by("page").classList.toggle("small", graph.nodes.length <= FEW_NODES);
  wide.addEventListener("change", adapt);
  adapt();
  new ResizeObserver(([entry]) => document.documentElement.style.setProperty("--head", `${Math.ceil(entry.target.offsetHeight)}px`)).observe(document.querySelector("header"));
  show();
}

function toggle(verdict) {
  const flip = () => {
    const hidden = new Set(state.hidden);
    if (!hidden.delete(verdict)) hidden.add(verdict);
    go({ hidden }, { quietly: true });
  };
  const word = verdict[0].toUpperCase() + verdict.slice(1);
  return h("button", { type: "button", class: `toggle ${verdict}`, "data-verdict": verdict, onclick: flip }, icon(verdict), h("span", { class: "word" }, word), h("b", {}, graph.summary.grants[verdict].toLocaleString("en")));
}

function keysOf([stack, nodes]) {
  const keys = nodes.filter((node) => node.kind === "key");
  if (keys.length === 0) return null;
  return h("optgroup", { label: stack.name }, keys.map((key) => h("option", { value: key.id }, nameOf(key))));
}

function later(work) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, 120);
  };
}

function show() {
  readAddress();
  if (by("query") !== document.activeElement) by("query").value = state.query;
  by("stack").value = state.stack;
  const chosen = items.get(state.node);
  by("key").value = chosen?.kind === "key" ? state.node : "";
  for (const button of by("verdicts").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(!state.hidden.has(button.dataset.verdict)));
  }
  by("reset").hidden = !(state.query || state.stack || state.hidden.size);
  const filters = JSON.stringify([state.query, state.stack, [...state.hidden]]);
  const picture = JSON.stringify([filters, state.node]);
  if (filters !== before.filters) {
    const found = showIndex();
    const words = wanted();
    const links = drawn.filter((edge) => edgePasses(edge, words)).length;
    by("status").textContent = state.query || state.stack || state.hidden.size ? `${counted(found, "name")}, ${counted(links, "link")}` : "";
  }
  if (picture !== before.picture) {
    showMain();
    if (before && state.node !== before.node) {
      scrollTo(0, 0);
      if (!by("page").contains(document.activeElement) || document.activeElement === document.body) by("main").focus({ preventScroll: true });
    }
  }
  showDetail();
  markChosen();
  const aside = by("detail");
  const isSheet = getComputedStyle(aside).position === "fixed";
  if (isSheet && (state.edge || state.cycle)) aside.focus({ preventScroll: true });
  before = { filters, picture, node: state.node };
}

function shortcut(event) {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    by("query").focus();
    by("query").select();
  }
  if (event.key !== "Escape") return;
  if (isTyping) event.target.blur();
  else if (state.edge || state.cycle) {
    back();
    if (opener?.isConnected) opener.focus();
  } else if (state.node) go({ node: "" });
}

start();
