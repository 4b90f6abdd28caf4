// Open pages in Chromium: what axe has against each, whether anything runs off its side, what it asks the network for.
// node look.mjs CHROMIUM FOLDER PAGE.html … : one line of JSON for each page and width; pictures go into FOLDER.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.env.BROWSER_TOOLS, "package.json"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [program, folder, ...pages] = process.argv.slice(2);

// A phone, the same phone with text at 200 %, and a sheet of letter paper.
const views = [
  { name: "phone", width: 390, height: 844 },
  { name: "doubled", width: 390, height: 844, zoom: 2 },
  { name: "desk", width: 1280, height: 900 },
  { name: "paper", width: 816, height: 1056, media: "print" },
];

const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });
for (const file of pages) {
  for (const view of views) {
    // Our pages let no script run; what looks at them may.
    const context = await browser.newContext({ viewport: { width: view.width, height: view.height }, bypassCSP: true });
    const page = await context.newPage();
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.emulateMedia({ media: view.media ?? "screen" });
    await page.goto(pathToFileURL(file).href);
    if (view.zoom) await page.evaluate((zoom) => { document.documentElement.style.fontSize = `${zoom * 100}%`; }, view.zoom);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const faults = found.violations.map((rule) => `${rule.id}: ${rule.nodes[0].html.slice(0, 200)}`);
    const passes = found.passes.length;
    await page.screenshot({ path: path.join(folder, `${path.parse(file).name}-${view.name}.png`), fullPage: true });
    console.log(JSON.stringify({ page: path.parse(file).name, view: view.name, faults, passes, wide, asked: asked.length }));
    await context.close();
  }
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.pdf({ path: path.join(folder, `${path.parse(file).name}-printed.pdf`), format: "Letter", printBackground: false, preferCSSPageSize: false });
  await context.close();
}
await browser.close();
