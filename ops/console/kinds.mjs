// How is shown what a transcription and a report have made? Words that are played, and a PDF.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** Seventeen words of a novel, read aloud; from Debian's package pocketsphinx-testdata. */
const READING = "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0870.wav";

export async function kindsStory({ server, browser, step }) {
  const page = await browser.user(server.api_key);
  await step("a word of a transcript is played when it is chosen, and marked while it is heard", async () => {
    const file = await server.bring(server.api_key, "reading.wav", readFileSync(READING));
    const job = await server.done(server.api_key, "media.transcribe", { source: `upload://${file}`, language: "en" });
    assert.equal(job.state, "succeeded", JSON.stringify(job.error));
    await page.goto(`${server.url}/console#/jobs/${job.id}`);
    const word = page.getByRole("button", { name: "leisure" });
    await word.waitFor();
    await page.waitForFunction(() => document.getElementById("player").readyState >= 1);
    await word.click();
    await page.waitForFunction(() => document.getElementById("player").currentTime > 1);
    await page.locator(".word[aria-current]").waitFor();
    await page.evaluate(() => document.getElementById("player").pause());
    await browser.looked(page, "transcript");
  });
  await step("a report is shown as it is printed, and its page without scripts and styles", async () => {
    const job = await server.done(server.api_key, "report.generate", { report: "usage", period: "last_7_days", formats: ["pdf", "html"] });
    assert.equal(job.state, "succeeded", JSON.stringify(job.error));
    await page.goto(`${server.url}/console#/jobs/${job.id}`);
    await page.locator("iframe.pages[src^='blob:']").waitFor();
    await browser.looked(page, "report");
    await page.click("#show-report\\.html");
    await page.locator("iframe.pages[sandbox='']").waitFor();
    await page.context().close();
  });
}
