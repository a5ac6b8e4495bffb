// What does somebody of a tenant do? Signs in, submits a video, watches it, plays it; cancels one and retries it.

import assert from "node:assert/strict";

/** A video of so many seconds of one picture. */
export const video = (source, length, size = 320) => ({
  output: { width: size, height: Math.round((size * 9) / 16), fps: 24 },
  tracks: [{ clips: [{ type: "image", source, length, motion: { type: "zoom_in" } }] }],
  captions: { language: "en", cues: [{ start: 0, end: 1, text: "<img src=x onerror=alert(1)>" }] },
});

export async function tenantStory({ server, browser, step, picture }) {
  let page;
  let job;
  await step("a wrong key is refused in words", async () => {
    page = await browser.visitor();
    await page.goto(`${server.url}/console`);
    await page.fill("#key", `est_${"x".repeat(43)}`);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "unknown, expired or revoked" }).waitFor();
    await browser.looked(page, "sign-in");
  });
  await step("somebody signs in by the keyboard alone, and the key stays in the tab", async () => {
    await page.fill("#key", "");
    await page.focus("#key");
    await page.keyboard.type(server.api_key);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
    assert.deepEqual(await page.evaluate(() => [document.cookie, JSON.stringify(localStorage).includes("est_")]), ["", false]);
    await page.reload();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  });
  await step("a mistake in an input is shown with its place", async () => {
    await page.getByRole("link", { name: "New job" }).click();
    await page.selectOption("#kind", "video.generate");
    await page.fill("#input", '{"output": {"width": 1, "height": 180, "fps": 10}, "tracks": []}');
    await page.click("#check");
    await page.locator("#answer code", { hasText: "/input/output/width" }).first().waitFor();
  });
  await step("a file is brought and a video submitted", async () => {
    await page.fill("#input", JSON.stringify(video("upload://", 40, 640), null, 2));
    await page.setInputFiles("#files", { name: "a picture.png", mimeType: "image/png", buffer: picture });
    await page.waitForFunction(() => /upload:\/\/[0-9a-f]{8}-/.test(document.getElementById("input").value));
    await page.click("#check");
    await page.getByText("The input is fine.").waitFor();
    await browser.looked(page, "new-job");
    await page.click("#submit");
    await page.waitForURL(/#\/jobs\/[0-9a-f-]{36}$/);
    job = page.url().split("/").at(-1);
  });
  await step("its progress is watched as it comes", async () => {
    await page.locator(".standing progress").waitFor();
    const first = await fraction(page);
    await page.waitForFunction((before) => {
      const bar = document.querySelector(".standing progress");
      return !bar || bar.value > before;
    }, first);
    await browser.looked(page, "running");
    await page.locator(".standing .succeeded").waitFor({ timeout: 300_000 });
  });
  await step("the result is played, with its captions", async () => {
    await page.waitForSelector("video#player");
    await page.evaluate(() => document.getElementById("player").play());
    await page.waitForFunction(() => document.getElementById("player").currentTime > 0.3);
    await page.evaluate(() => { const player = document.getElementById("player"); player.pause(); player.currentTime = 20; });
    await page.waitForFunction(() => !document.getElementById("player").seeking && document.getElementById("player").readyState >= 2);
    const cues = () => { const { track } = document.querySelector("track"); track.mode = "hidden"; return track.cues?.length; };
    await page.waitForFunction(cues);
    await browser.looked(page, "video");
  });
  await step("a job that runs is cancelled after a question, and retried", async () => {
    const source = `upload://${await server.bring(server.api_key, "a.png", picture)}`;
    const long = await server.call(server.api_key, "POST", "/v1/jobs", { kind: "video.generate", input: video(source, 900, 1280) });
    await page.goto(`${server.url}/console#/jobs/${long.id}`);
    await page.locator(".standing .running").waitFor();
    await page.click("#cancel");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("dialog").count(), 0);
    await page.click("#cancel");
    await page.getByRole("dialog").waitFor();
    await page.click("#ask-yes");
    await page.locator(".standing .cancelled").waitFor();
    await page.click("#retry");
    await page.locator(".standing .running").waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll("summary")].filter((one) => one.textContent.startsWith("Attempt 1")).length === 2);
    await browser.looked(page, "retried");
    await page.click("#cancel");
    await page.click("#ask-yes");
    await page.locator(".standing .cancelled").waitFor();
  });
  await step("the list is filtered, by an address that can be passed on", async () => {
    await page.getByRole("link", { name: "Jobs", exact: true }).click();
    await page.selectOption("#filter-state", "cancelled");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL(/state=cancelled/);
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
    await browser.looked(page, "jobs");
  });
  await step("another tenant sees nothing of it", async () => {
    await server.call(server.operator_key, "POST", "/v1/tenants", { slug: "rival" });
    const { key } = await server.call(server.operator_key, "POST", "/v1/tenants/rival/keys", { name: "console", scopes: ["jobs:read", "jobs:write"] });
    const other = await browser.user(key);
    await other.getByRole("link", { name: "Jobs", exact: true }).click();
    await other.getByText("No jobs here.").waitFor();
    await other.goto(`${server.url}/console#/jobs/${job}`);
    await other.getByRole("alert").filter({ hasText: "There is no such thing" }).waitFor();
    await other.goto(`${server.url}/console#/tenants`);
    await other.getByRole("heading", { name: "Overview" }).waitFor();
    await other.context().close();
  });
  await step("schedules show their next runs, and are run and paused", async () => {
    await schedules({ server, browser, page, picture });
  });
  await step("usage and limits are shown", async () => {
    await page.getByRole("link", { name: "Usage" }).click();
    await page.getByRole("heading", { name: "Limits" }).waitFor();
    await browser.looked(page, "usage");
  });
  await step("it speaks Portuguese, in the dark and on a telephone", async () => {
    const small = await browser.user(server.api_key, { locale: "pt-BR", colorScheme: "dark", width: 390 });
    await small.getByRole("heading", { name: "Visão geral" }).waitFor();
    await small.locator("tbody tr").first().waitFor();
    await browser.looked(small, "overview-pt-dark");
    assert.equal(await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await small.click("#language");
    await small.getByRole("heading", { name: "Overview" }).waitFor();
    await small.context().close();
  });
  await step("whoever signs out is out, and so is whose key is revoked", async () => {
    await page.click("#sign-out");
    await page.waitForSelector("#key");
    assert.equal(await page.evaluate(() => sessionStorage.getItem("esteira.token")), null);
    const keys = "/v1/tenants/demo/keys";
    const { id, key } = await server.call(server.operator_key, "POST", keys, { name: "short", scopes: ["jobs:read"] });
    await page.fill("#key", key);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await server.call(server.operator_key, "DELETE", `${keys}/${id}`);
    await page.waitForSelector("#key");
    await page.context().close();
  });
}

async function schedules({ server, browser, page, picture }) {
  const { key } = await server.call(server.operator_key, "POST", "/v1/tenants/demo/keys", { name: "schedules", scopes: ["jobs:read", "schedules:write"] });
  const source = `upload://${await server.bring(server.api_key, "b.png", picture)}`;
  await server.call(key, "POST", "/v1/schedules", { name: "nightly <b>", cron: "0 2 * * *", timezone: "America/Sao_Paulo", kind: "video.generate", input: video(source, 1) });
  const owner = await browser.user(key);
  await owner.getByRole("link", { name: "Schedules" }).click();
  await owner.getByRole("link", { name: "nightly <b>" }).click();
  await owner.waitForFunction(() => document.querySelectorAll("ol.reasons li").length === 5);
  await owner.click("#run");
  await owner.click("#ask-yes");
  await owner.locator("tbody .fired").waitFor();
  await browser.looked(owner, "schedule");
  await owner.click("#turn");
  await owner.locator(".standing .paused").waitFor();
  await owner.context().close();
  await page.getByRole("link", { name: "Schedules" }).click();
  await page.getByRole("link", { name: "nightly <b>" }).waitFor();
  await browser.looked(page, "schedules");
}

const fraction = (page) => page.evaluate(() => document.querySelector(".standing progress")?.value ?? 1);
