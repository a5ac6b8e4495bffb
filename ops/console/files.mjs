// How are files shown? A document beside its pages, and hostile ones so that nothing in them runs.

import assert from "node:assert/strict";

const PAGE = `<h1>Contract no. 77</h1><p>The term is twelve months.</p>
  <table border><tr><th>Item<th>Price<tr><td>Router<td>1,234.50</table><p style="page-break-before: always">Signed in Olinda.</p>`;

const EVIL = `<!doctype html><title>x</title><script>top.document.title = "hacked"; alert(1)</script>
  <img src="https://evil.invalid/pixel.png" onerror="alert(2)"><form action="https://evil.invalid"><button id=go>Go</button></form>
  <a href="javascript:alert(3)" target="_top">x</a><meta http-equiv="refresh" content="0;url=https://evil.invalid/">`;
const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(4)" width="9" height="9"><script>alert(5)</script>
  <image href="https://evil.invalid/pixel.png"/></svg>`;

export async function filesStory({ server, browser, step }) {
  const page = await browser.user(server.api_key);
  let job;
  await step("a document is read page by page, the text beside the picture", async () => {
    const printer = await browser.visitor();
    await printer.setContent(PAGE);
    const file = await server.bring(server.api_key, "contract.pdf", await printer.pdf({ format: "A5" }));
    await printer.context().close();
    const input = { source: `upload://${file}`, outputs: ["json", "md", "images", "searchable_pdf"], images: { width: 600 } };
    job = await server.done(server.api_key, "document.extract", input, { metadata: { note: "<script>alert(6)</script>" } });
    assert.equal(job.state, "succeeded", JSON.stringify(job.error));
    await page.goto(`${server.url}/console#/jobs/${job.id}`);
    await page.locator(".beside article", { hasText: "The term is twelve months." }).waitFor();
    await loaded(page, ".beside img");
    await browser.looked(page, "document");
    await page.click("#page-after");
    await page.locator(".beside article", { hasText: "Signed in Olinda." }).waitFor();
  });
  await step("a PDF is shown by the browser's own viewer", async () => {
    // The viewer is an extension of the browser, whose frame comes once it has taken the file.
    const viewer = page.waitForEvent("framenavigated", (frame) => frame.url().startsWith("chrome-extension:"));
    await page.click("#show-searchable\\.pdf");
    await viewer;
  });
  await step("nothing in a hostile page or drawing runs, and nothing is fetched for it", async () => {
    for (const [name, type, text] of [["evil.html", "text/html", EVIL], ["evil.svg", "image/svg+xml", DRAWING]]) {
      const upload = await server.bring(server.api_key, name, text);
      server.sql(`insert into artifacts select '${job.id}', '${name}', 90 + length('${name}'), '${type}', bytes, sha256, object_key from uploads where id = '${upload}';`);
    }
    await page.reload();
    await page.click("#show-evil\\.html");
    await page.waitForSelector("iframe.pages[sandbox='']");
    const frame = await (await page.$("iframe.pages")).contentFrame();
    await frame.waitForSelector("#go", { state: "attached" });
    await page.click("#show-evil\\.svg");
    await loaded(page, "#preview img");
    assert.equal(await page.title(), "document.extract · Esteira");
    // Frames are refused by the policy, which the console of the browser says; whatever else it says is a fault.
    page.faults = page.faults.filter((fault) => !/Refused|Blocked|violates|sandboxed/.test(fault));
    await browser.looked(page, "hostile");
    await page.context().close();
  });
}

const loaded = (page, selector) =>
  page.waitForFunction((one) => { const image = document.querySelector(one); return image?.complete && image.naturalWidth > 0; }, selector);
