// Who uses the page? Whoever has shown a token. It lies in the storage of this tab and goes with it.
//
// Not in a cookie, which a browser would send by itself, so that another page could call in its user's name; and not in
// the storage that stays when the tab is closed.

const TOKEN = "esteira.token";

/** The token, if somebody has signed in. */
export const token = () => sessionStorage.getItem(TOKEN);

/** Whom the API takes the token's owner for. */
export let me = null;

/** Signs in: the API must know the token. */
export async function signIn(text) {
  sessionStorage.setItem(TOKEN, text);
  const { get } = await import("/console/api.js");
  me = await get("/v1/me");
}

/** Whether a scope is among those of the token. */
export const may = (scope) => me?.scopes.includes(scope) ?? false;

/** Signs out, also when the API does not take the token any more. */
export function forget() {
  const signedIn = me !== null;
  sessionStorage.removeItem(TOKEN);
  me = null;
  if (signedIn) dispatchEvent(new Event("signed-out"));
}
