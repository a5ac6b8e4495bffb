// The console in a real Chromium, on a real Esteira, from signing in to a cancelled job. `ops/console-test.sh` runs it.
//
//     node test.mjs PATH-OF-ESTEIRA [FOLDER-FOR-PICTURES]

import { startBrowser } from "./browser.mjs";
import { filesStory } from "./files.mjs";
import { startIssuer } from "./issuer.mjs";
import { kindsStory } from "./kinds.mjs";
import { measures } from "./measure.mjs";
import { operatorStory } from "./operator.mjs";
import { startEsteira } from "./server.mjs";
import { tenantStory } from "./tenant.mjs";

const [program, pictures] = process.argv.slice(2);

/** A step of a story; its sentence is what it proves. */
async function step(sentence, act) {
  const began = Date.now();
  await act().catch((error) => { throw new Error(`not so: ${sentence}`, { cause: error }); });
  console.error(`ok: ${sentence} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

const issuer = await startIssuer("demo");
const server = await startEsteira(program, issuer.settings);
const browser = await startBrowser(server, issuer.issuer, pictures);
try {
  const blank = await browser.visitor();
  await blank.setContent("<body style='background: linear-gradient(120deg, #0a6e56, #f0b95a); margin: 0; height: 100vh'>");
  const picture = await blank.screenshot({ clip: { x: 0, y: 0, width: 640, height: 360 } });
  await blank.context().close();
  const told = await measures({ server, browser, step });
  await tenantStory({ server, browser, step, picture });
  await filesStory({ server, browser, step });
  await kindsStory({ server, browser, step });
  await operatorStory({ server, browser, step });
  console.log(JSON.stringify(told));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.stop();
  await server.stop();
  issuer.stop();
}
