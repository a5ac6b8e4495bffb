// How does somebody sign in elsewhere? By the authorization code flow with PKCE (RFC 7636), as a public client.
//
// The code that comes back is of no use without the verifier, which never leaves this tab; `state` tells an answer that
// this tab has asked for from one that somebody else made up.

import { signIn } from "/console/session.js";

const ASKED = "esteira.sign-in";

const here = () => `${location.origin}/console`;

const text64 = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const random = () => text64(crypto.getRandomValues(new Uint8Array(32)));

/** Sends the user to the issuer. */
export async function begin({ client_id, authorize_url, token_url, scope, token }) {
  const asked = { client_id, token_url, token, state: random(), nonce: random(), verifier: random() };
  sessionStorage.setItem(ASKED, JSON.stringify(asked));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(asked.verifier));
  const url = new URL(authorize_url);
  const parameters = {
    response_type: "code", client_id, redirect_uri: here(), scope, state: asked.state, nonce: asked.nonce,
    code_challenge: text64(hash), code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Takes what the issuer sent the user back with, and signs in with the token that it is good for. */
export async function finish() {
  const answer = new URLSearchParams(location.search);
  // Neither the history nor a bookmark shall hold the code.
  history.replaceState(null, "", "/console");
  const asked = JSON.parse(sessionStorage.getItem(ASKED) ?? "null");
  sessionStorage.removeItem(ASKED);
  if (!asked || answer.get("state") !== asked.state) throw new Error("state");
  // Such as `access_denied`; a code only, because anybody can write sentences into an address.
  if (answer.has("error")) throw new Error(/^[a-z_]{1,64}$/.exec(answer.get("error"))?.[0] ?? "error");
  const body = new URLSearchParams({
    grant_type: "authorization_code", client_id: asked.client_id, redirect_uri: here(), code: answer.get("code"),
    code_verifier: asked.verifier,
  });
  const given = await fetch(asked.token_url, { method: "POST", body, credentials: "omit", redirect: "error" });
  if (!given.ok) throw new Error("token");
  const tokens = await given.json();
  if (tokens.id_token && claims(tokens.id_token).nonce !== asked.nonce) throw new Error("nonce");
  await signIn(tokens[asked.token === "access" ? "access_token" : "id_token"]);
}

/** What stands in a token. The API checks its signature; here it only has to be the one that was asked for. */
function claims(token) {
  return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
}
