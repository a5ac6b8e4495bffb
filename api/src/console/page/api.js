// How is the API called? With the token of whoever signed in, and only where the page itself comes from.

import { token, forget } from "/console/session.js";

/** The API has said no: its problem (RFC 9457). */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem?.code;
    this.errors = problem?.errors ?? [];
  }
}

/** Sends a request and gives the answer, whatever is in it. */
export async function send(method, path, { body, file, accept, signal, lastEvent } = {}) {
  const headers = { authorization: `Bearer ${token()}`, accept: accept ?? "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (file) headers["content-type"] = file.type || "application/octet-stream";
  if (lastEvent) headers["last-event-id"] = lastEvent;
  const answer = await fetch(path, {
    method, headers, signal, body: file ?? (body === undefined ? undefined : JSON.stringify(body)),
    // No cookie is sent or taken: the token in the head is all there is.
    credentials: "omit", cache: "no-store", redirect: "error",
  });
  if (answer.ok) return answer;
  const refusal = new Refusal(answer.status, await answer.json().catch(() => null));
  if (answer.status === 401) forget();
  throw refusal;
}

/** The same, where the answer is JSON. */
export async function call(method, path, options) {
  return (await send(method, path, options)).json();
}

export const get = (path, signal) => call("GET", path, { signal });

/** A path with parameters; those without a value are left out. */
export function at(path, parameters) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  return query.size ? `${path}?${query}` : path;
}

/** Whether a name has a part that would lead elsewhere in a path. */
export const strays = (name) => name.split("/").some((part) => part === "." || part === "..");

/** The path of an artifact or its preview: each part of its name is one part of the path. */
export function fileOf(job, what, name) {
  if (strays(name)) throw new Refusal(404, null);
  return `/v1/jobs/${job}/${what}/${name.split("/").map(encodeURIComponent).join("/")}`;
}
