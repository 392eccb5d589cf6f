// Opens pages of `kmslint graph` in a browser and uses them as people do: with pointer, keyboard and search.
// Usage: node page.mjs CHROMIUM LATENT.html HOSTILE.html MANY.html
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { Browser } from "./browser.mjs";

const [program, latent, hostile, many] = process.argv.slice(2);
const [ofLatent, ofHostile, ofMany] = [latent, hostile, many].map((path) => pathToFileURL(path).href);
const browser = new Browser(program);

const shown = (selector) => `[...document.querySelectorAll(${JSON.stringify(selector)})].filter((one) => one.checkVisibility()).map((one) => one.innerText.replace(/\\s+/g, " ").trim())`;
const aside = "#detail";

/** Nothing went wrong, nothing was asked of anybody. */
function isQuiet(tab, address) {
  assert.deepEqual(tab.complaints, []);
  assert.deepEqual([...new Set(tab.requests.map((request) => request.split("#")[0]))], [address]);
}

const checks = {
  async "opens from disk, quietly, with everything in its place"() {
    const tab = await browser.open(ofLatent);
    assert.equal(await tab.value("document.querySelectorAll('.band').length"), 3);
    const cards = await tab.value(shown(".card .names b"));
    for (const name of ["AppRole", "DataKey", "alias/data", "Logs", "KeyAdmin"]) assert.ok(cards.includes(name), `${name}: ${cards}`);
    assert.ok((await tab.value("document.querySelectorAll('.board > svg .wire').length")) >= 8);
    isQuiet(tab, ofLatent);
  },

  async "search finds by any name, from the keyboard"() {
    const tab = await browser.open(ofLatent);
    await tab.press("/", "Slash", 191);
    await tab.type("alias/data");
    const cards = await tab.value(shown(".card .names b"));
    assert.deepEqual(cards.sort(), ["DataKey", "alias/data"]);
    await tab.value("document.getElementById('query').value = ''");
    await tab.type("nothing is called so");
    assert.deepEqual(await tab.value(shown(".card")), []);
    assert.match((await tab.value(shown("main")))[0], /Nothing fits/);
    await tab.click("#reset");
    assert.ok((await tab.value(shown(".card"))).length > 5);
    isQuiet(tab, ofLatent);
  },

  async "a verdict that is switched off is hidden"() {
    const tab = await browser.open(ofLatent);
    assert.equal((await tab.value(shown(".link.ineffective"))).length, 1);
    await tab.click("[data-verdict=effective]");
    assert.deepEqual(await tab.value(shown(".link.effective")), []);
    assert.equal((await tab.value(shown(".link.ineffective"))).length, 1);
    assert.equal(await tab.value("document.querySelectorAll('.wire.effective').length"), 0);
    assert.equal(await tab.value("document.querySelector('[data-verdict=effective]').ariaPressed"), "false");
    await tab.click("[data-verdict=effective]");
    assert.ok((await tab.value(shown(".link.effective"))).length > 3);
    isQuiet(tab, ofLatent);
  },

  async "a stack that is chosen shows what it has to do with"() {
    const tab = await browser.open(ofLatent);
    await tab.value("(() => { const select = document.getElementById('stack'); select.value = 'stack:keys'; select.dispatchEvent(new Event('change')); })()");
    await tab.settle();
    const cards = await tab.value(shown(".card .names b"));
    assert.ok(cards.includes("AppRole") && cards.includes("DataKey") && !cards.includes("Queue"), String(cards));
    isQuiet(tab, ofLatent);
  },

  async "a grant that is pressed shows the lines that say it, and the address keeps it"() {
    const tab = await browser.open(ofLatent);
    assert.equal(await tab.value(`document.querySelector("${aside}").checkVisibility()`), false);
    await tab.click(".link.ineffective");
    const [told] = await tab.value(shown(aside));
    for (const part of ["AppRole", "DataKey", "ineffective", "kms:GenerateDataKey", "testdata/graph/latent/app.yaml:13", "!ImportValue keys-Arn", "the key policy admits neither"]) {
      assert.ok(told.includes(part), `${part}: ${told}`);
    }
    assert.ok((await tab.value(shown(`${aside} .lines .number`))).includes("13"));
    assert.equal(await tab.value("document.querySelectorAll('[aria-current=true][data-edge]').length"), 1);
    const address = await tab.value("location.href");
    const again = await browser.open(address);
    assert.deepEqual(await again.value(shown(aside)), [told]);
    isQuiet(tab, ofLatent);
    isQuiet(again, ofLatent);
  },

  async "a name that is pressed shows what is around it, and back leads back"() {
    const tab = await browser.open(ofLatent);
    await tab.click("[data-card='alias:keys/DataAlias'] .title");
    assert.deepEqual((await tab.value(shown(".card .names b"))).sort(), ["DataKey", "alias/data"]);
    assert.match(await tab.value("location.hash"), /node=alias/);
    await tab.value("history.back()");
    await tab.settle();
    assert.ok((await tab.value(shown(".card"))).length > 5);
    isQuiet(tab, ofLatent);
  },

  async "everything can be done without a pointer"() {
    const tab = await browser.open(ofLatent);
    for (let steps = 0; !(await tab.value("document.activeElement.matches('.link.ineffective')")); steps += 1) {
      assert.ok(steps < 60, "the tabulator leads there");
      await tab.press("Tab", "Tab", 9);
    }
    assert.notEqual(await tab.value("getComputedStyle(document.activeElement).outlineStyle"), "none");
    await tab.press("Enter", "Enter", 13);
    assert.match((await tab.value(shown(aside)))[0], /ineffective/);
    await tab.press("Escape", "Escape", 27);
    assert.deepEqual(await tab.value(shown(aside)), []);
    assert.ok(await tab.value("document.activeElement.matches('.link.ineffective')"), "the focus is where it was");
    isQuiet(tab, ofLatent);
  },

  async "a latent cycle is marked, and its steps show their lines"() {
    const tab = await browser.open(ofLatent);
    assert.ok((await tab.value("document.querySelectorAll('.card.circular').length")) >= 2);
    assert.ok((await tab.value("document.querySelectorAll('.wire.circular').length")) >= 2);
    await tab.click("[data-cycle]");
    const [told] = await tab.value(shown(aside));
    assert.match(told, /latent.*needs this key first.*named as text/s);
    assert.ok(told.includes("role/app-role"), told);
    isQuiet(tab, ofLatent);
  },

  async "hostile names are text"() {
    const tab = await browser.open(ofHostile);
    assert.equal(await tab.value("document.title"), "Who may use which KMS key");
    assert.equal(await tab.value("document.querySelectorAll('img, iframe, script:not(#data)').length"), 1);
    const cards = await tab.value(shown(".card .names b"));
    for (const name of ["</script><script>document.title='owned'</script>", "__proto__", "alias/é日本🔑\\u{202e}\\u{200b}\\n\\"]) {
      assert.ok(cards.includes(name), `${name}: ${cards}`);
    }
    await tab.click("[data-card='consumer:keys/__proto__'] .link");
    assert.match((await tab.value(shown(aside)))[0], /KMSMasterKeyID/);
    isQuiet(tab, ofHostile);
  },

  async "two hundred keys are listed by stack and found in one step"() {
    const tab = await browser.open(ofMany);
    assert.equal((await tab.value(shown(".tile"))).length, 11);
    assert.equal(await tab.value("document.querySelectorAll('.board').length"), 0);
    assert.equal(await tab.value("document.documentElement.scrollWidth"), 1440);
    await tab.click(".tile");
    assert.match((await tab.value(shown(".crumbs")))[0], /stack00/);
    assert.equal((await tab.value(shown(".tile[data-node]"))).length, 20);
    await tab.click("#reset");
    await tab.press("/", "Slash", 191);
    await tab.type("key137");
    const entries = await tab.value(shown("#index .entry[data-node^='key:']"));
    assert.equal(entries.length, 1);
    await tab.click("#index .entry[data-node^='key:']");
    assert.match((await tab.value(shown(".crumbs")))[0], /Key137/);
    assert.ok((await tab.value(shown(".card.principal"))).length > 3);
    assert.ok((await tab.value("document.querySelectorAll('.wire').length")) > 3);
    await tab.click(".card.principal .link");
    assert.match((await tab.value(shown(aside)))[0], /stack06\.yaml:\d+/);
    isQuiet(tab, ofMany);
  },

  async "a narrow screen shows all of it without scrolling sideways, light and dark"() {
    const colours = new Set();
    for (const address of [ofLatent, ofHostile, ofMany]) {
      for (const dark of [false, true]) {
        const tab = await browser.open(address, { width: 390, height: 844, dark });
        assert.equal(await tab.value("document.documentElement.scrollWidth"), 390, address);
        colours.add(await tab.value("getComputedStyle(document.documentElement).backgroundColor"));
        await tab.click(".link, .row[data-edge]");
        assert.equal(await tab.value(`getComputedStyle(document.querySelector("${aside}")).position`), "fixed");
        assert.equal(await tab.value(`document.querySelector("${aside}").contains(document.activeElement)`), true);
        assert.equal(await tab.value("document.documentElement.scrollWidth"), 390, address);
        isQuiet(tab, address);
      }
    }
    assert.equal(colours.size, 2);
  },

  async "nothing moves for those who want it so"() {
    const durations = "[...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).transitionDuration.split(', ').some((time) => parseFloat(time) > 0)).length";
    const still = await browser.open(ofLatent);
    assert.equal(await still.value(durations), 0);
    const moving = await browser.open(ofLatent, { still: false });
    assert.ok((await moving.value(durations)) > 0);
  },

  async "the page forbids itself the network"() {
    const tab = await browser.open(ofLatent);
    const violation = await tab.value(`new Promise((done) => {
      addEventListener("securitypolicyviolation", (event) => done(event.violatedDirective));
      fetch("http://127.0.0.1:9/").catch(() => {});
      setTimeout(() => done("nothing"), 3000);
    })`);
    assert.equal(violation, "connect-src");
  },
};

setTimeout(() => {
  console.log("FAILED: this takes too long");
  process.exit(1);
}, 300_000).unref();
let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${name}\n${error.stack}`);
  }
}
await browser.close();
process.exitCode = failed > 0 ? 1 : 0;
