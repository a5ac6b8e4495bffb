// What does an operator see? Queues, tenants and workers, and no payload. And who signs in at an issuer?

import assert from "node:assert/strict";

export async function operatorStory({ server, browser, step }) {
  let page;
  await step("an operator sees every queue, and holds a kind back", async () => {
    page = await browser.user(server.operator_key);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.click("#hold-video\\.generate");
    await page.click("#ask-yes");
    await page.locator("#hold-video\\.generate", { hasText: "Resume" }).waitFor();
    await page.getByRole("heading", { name: "Pauses" }).waitFor();
    await browser.looked(page, "operator");
    await page.click("#hold-video\\.generate");
    await page.click("#ask-yes");
    await page.locator("#hold-video\\.generate", { hasText: "Pause" }).waitFor();
  });
  await step("tenants are shown with shares, limits and usage", async () => {
    await page.getByRole("link", { name: "Tenants" }).click();
    await page.getByRole("link", { name: "rival" }).waitFor();
    await page.waitForFunction(() => !document.querySelector("tbody").textContent.includes("…"));
    await browser.looked(page, "tenants");
    await page.getByRole("link", { name: "demo" }).click();
    await page.getByRole("heading", { name: "demo" }).waitFor();
    await page.getByRole("heading", { name: "By day" }).waitFor();
    await browser.looked(page, "tenant");
  });
  await step("a worker is drained and put back", async () => {
    await page.getByRole("link", { name: "Workers" }).click();
    await page.getByRole("button", { name: /^Drain/ }).click();
    await page.click("#ask-yes");
    await page.locator("tbody .drained").waitFor();
    await browser.looked(page, "workers");
    await page.getByRole("button", { name: /^Resume/ }).click();
    await page.locator("tbody .live").waitFor();
  });
  await step("an operator is led to no job and no payload", async () => {
    assert.deepEqual(await page.locator("nav a").allTextContents(), ["Overview", "Tenants", "Workers"]);
    const [job] = (await server.call(server.api_key, "GET", "/v1/jobs?limit=1")).items;
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${server.url}/console#/jobs/${job.id}`);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.ok(asked.every((path) => !path.startsWith("/v1/jobs")), asked.join(" "));
    await page.context().close();
  });
  await step("somebody signs in at the issuer, with the tenant and the scopes that it says", async () => {
    const other = await browser.visitor();
    await other.goto(`${server.url}/console`);
    await other.click("#oidc");
    await other.getByRole("heading", { name: "Overview" }).waitFor();
    assert.equal(await other.locator(".who").textContent(), "demo");
    assert.equal(new URL(other.url()).search, "");
    assert.equal(await other.getByRole("link", { name: "New job" }).count(), 0);
    await browser.looked(other, "overview");
    // An answer that nobody asked for signs nobody in.
    const tricked = await browser.visitor();
    await tricked.goto(`${server.url}/console?code=stolen&state=guessed`);
    await tricked.waitForSelector("#key");
    assert.equal(await tricked.evaluate(() => sessionStorage.length), 0);
  });
}
