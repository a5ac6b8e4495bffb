// A whole Esteira for the test: `esteira up` on a folder of its own, and calls of its API without a page.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WAIT = 120_000;

/** Starts it, with more settings. */
export async function startEsteira(program, settings) {
  const folder = mkdtempSync(join(tmpdir(), "esteira-console."));
  const log = openSync(join(folder, "server.log"), "a");
  const env = { ...process.env, ...settings, ESTEIRA_DATA_DIR: join(folder, "data") };
  const child = spawn(program, ["up", "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", log, log] });
  const ended = new Promise((done) => child.once("exit", done));
  const told = join(folder, "data", "esteira.json");
  const began = Date.now();
  while (!existsSync(told)) {
    if (child.exitCode !== null || Date.now() - began > WAIT) throw new Error(readFileSync(join(folder, "server.log"), "utf8"));
    await new Promise((done) => setTimeout(done, 100));
  }
  const { url, s3_endpoint, api_key, operator_key, database_url } = JSON.parse(readFileSync(told));

  const call = async (key, method, path, body, headers = {}) => {
    const sent = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const type = sent && !Buffer.isBuffer(body) ? { "content-type": "application/json" } : {};
    const answer = await fetch(url + path, { method, body: sent, headers: { authorization: `Bearer ${key}`, ...type, ...headers } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  };
  return {
    url, s3_endpoint, api_key, operator_key, call,
    /** Brings a file, and gives its id. */
    bring: async (key, name, bytes) => (await call(key, "POST", `/v1/files?file_name=${name}`, Buffer.from(bytes))).id,
    /** A job that is over. */
    done: async (key, kind, input, more = {}) => {
      const { id } = await call(key, "POST", "/v1/jobs", { kind, input, ...more });
      for (;;) {
        const job = await call(key, "GET", `/v1/jobs/${id}?wait=60`);
        if (["succeeded", "failed", "cancelled"].includes(job.state)) return job;
      }
    },
    /** Statements about the tenant `demo`, for what no kind would make: a job with a hostile file. */
    sql: (text) => execFileSync("psql", [database_url, "-X", "-q", "-v", "ON_ERROR_STOP=1"], {
      input: `select tableowner from pg_tables where schemaname = 'tenant_demo_schema' limit 1 \\gset
              set role :tableowner; set search_path = tenant_demo_schema; ${text}`,
    }),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
