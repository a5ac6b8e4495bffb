// A real Chromium, and pages of the console in it: whatever goes wrong in one, or goes elsewhere, is remembered.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WAIT = 60_000;

export async function startBrowser(server, issuer, pictures) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  /** Where a page of the console may go. */
  const known = [server.url, server.s3_endpoint, issuer].map((url) => new URL(url).origin);

  /** A page of somebody who has just come, in a browser of this language and scheme. */
  async function visitor({ locale = "en-GB", colorScheme = "light", width = 1280 } = {}) {
    const context = await browser.newContext({ locale, colorScheme, viewport: { width, height: 900 }, timezoneId: "America/Sao_Paulo" });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT);
    page.faults = [];
    page.on("pageerror", (error) => page.faults.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // What the browser says of a refused request is no fault of the page; a broken policy is.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text())) page.faults.push(message.text());
    });
    const went = (request) => {
      const { protocol, origin } = new URL(request.url());
      // What the policy keeps back has not left the browser.
      const heldBack = /csp/i.test(request.failure()?.errorText ?? "");
      if (protocol.startsWith("http") && !known.includes(origin) && !heldBack) page.faults.push(`went to ${request.url()}`);
    };
    page.on("requestfinished", went);
    page.on("requestfailed", went);
    page.on("dialog", (dialog) => { page.faults.push(`a script spoke: ${dialog.message()}`); dialog.dismiss(); });
    return page;
  }

  /** The same, signed in with a key. */
  async function user(key, options) {
    const page = await visitor(options);
    await page.goto(`${server.url}/console`);
    await page.fill("#key", key);
    await page.keyboard.press("Enter");
    await page.waitForSelector("nav a");
    return page;
  }

  return { visitor, user, looked: (page, name) => looked(page, name, pictures), stop: () => browser.close() };
}

/** Looks at a view as it is: nothing went wrong, axe finds nothing that keeps anybody out, and a picture is kept. */
async function looked(page, name, pictures) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  // Its own value is of no use, and cannot be sent here.
  await page.evaluate(`${AXE}; 0`);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { iframes: false }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
  if (found.length) throw new Error(`${name}: ${found.join("; ")}`);
  if (page.faults.length) throw new Error(`${name}: ${page.faults.join("; ")}`);
}
