// An OIDC issuer of the test's own: one user, who is signed in already; the authorization code flow with PKCE.

import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";

const CLIENT = "console";
const text64 = (value) => Buffer.from(value).toString("base64url");

/** Starts it; its user belongs to `tenant`. */
export async function startIssuer(tenant) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" };
  const codes = new Map();
  const server = createServer(async (request, answer) => {
    const url = new URL(request.url, issuer);
    const send = (status, headers, body) => answer.writeHead(status, headers).end(body && JSON.stringify(body));
    if (url.pathname === "/jwks") return send(200, { "content-type": "application/json" }, { keys: [key] });
    if (url.pathname === "/authorize") return send(302, { location: authorized(url.searchParams) });
    // A page of another origin reads the answer, so it is let.
    const headers = { "content-type": "application/json", "access-control-allow-origin": "*" };
    const token = exchanged(new URLSearchParams(await bodyOf(request)));
    return token ? send(200, headers, { token_type: "Bearer", id_token: token, access_token: "none" }) : send(400, headers, { error: "invalid_grant" });
  });

  function authorized(asked) {
    const code = randomUUID();
    if (asked.get("client_id") === CLIENT && asked.get("code_challenge_method") === "S256") codes.set(code, asked);
    const back = new URL(asked.get("redirect_uri"));
    back.searchParams.set("code", code);
    back.searchParams.set("state", asked.get("state"));
    return back.href;
  }

  /** The token for a code: once, and only for whoever knows the verifier behind the challenge. */
  function exchanged(form) {
    const asked = codes.get(form.get("code"));
    codes.delete(form.get("code"));
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    if (!asked || asked.get("code_challenge") !== challenge || form.has("client_secret")) return null;
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer, aud: CLIENT, sub: "maria", token_use: "id", iat: now, exp: now + 600, nonce: asked.get("nonce"),
      tenant, groups: ["jobs:read"],
    };
    const text = `${text64(JSON.stringify({ alg: "RS256", kid: key.kid, typ: "JWT" }))}.${text64(JSON.stringify(claims))}`;
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), privateKey).toString("base64url")}`;
  }

  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const settings = {
    ESTEIRA_JWT_ISSUER: issuer, ESTEIRA_JWT_JWKS_URL: `${issuer}/jwks`, ESTEIRA_JWT_AUDIENCES: CLIENT,
    ESTEIRA_TENANT_CLAIM: "tenant", ESTEIRA_JWT_GROUPS_CLAIM: "groups", ESTEIRA_CONSOLE_CLIENT_ID: CLIENT,
    ESTEIRA_CONSOLE_AUTHORIZE_URL: `${issuer}/authorize`, ESTEIRA_CONSOLE_TOKEN_URL: `${issuer}/token`,
  };
  return { issuer, settings, stop: () => server.close() };
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
