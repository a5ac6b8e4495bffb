// What does the first view cost, and how soon can it be used? On the line and the processor of a cheap telephone.

import assert from "node:assert/strict";

/** The most bytes of a first view. */
const BYTES = 100 * 1024;
/** The longest time until it can be used, in milliseconds: 1000 is the goal. Asked for where nothing else runs beside. */
const LONGEST = Number(process.env.LONGEST_MS) || Infinity;
/** Lighthouse's simulated slow 4G: 150 ms there and back, 1.6 Mbit/s down, 750 kbit/s up; and a processor four times slower. */
const SLOW = { offline: false, latency: 150, downloadThroughput: (1.6e6 / 8), uploadThroughput: (750e3 / 8) };
const SLOWER = 4;

export async function measures({ server, browser, step }) {
  const told = {};
  for (const [name, key] of [["sign_in", null], ["overview", server.api_key]]) {
    await step(`the first view is small: ${name}`, async () => {
      const page = await browser.visitor();
      if (key) await page.addInitScript((token) => sessionStorage.setItem("esteira.token", token), key);
      const session = await page.context().newCDPSession(page);
      await session.send("Network.enable");
      await session.send("Network.emulateNetworkConditions", SLOW);
      await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
      let bytes = 0;
      session.on("Network.loadingFinished", (loaded) => { bytes += loaded.encodedDataLength; });
      const began = performance.now();
      await page.goto(`${server.url}/console`, { waitUntil: "commit" });
      await page.waitForSelector(key ? "tbody tr" : "#key:focus");
      const ms = Math.round(performance.now() - began);
      told[name] = { bytes, ms };
      assert.ok(bytes > 0 && bytes <= BYTES, `${bytes} bytes`);
      assert.ok(ms <= LONGEST, `${ms} ms`);
      await page.context().close();
    });
  }
  return told;
}
