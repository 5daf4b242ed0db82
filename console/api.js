// Everything that is asked of the daemon. The token of the session is kept in this module and in the state of the
// history entry, which survives a reload. Neither can be read by another page, not even by one that a function serves
// from the same address; a cookie would be sent for it, and session storage could be read by it.

let token = history.state?.token;
let onExpired = () => {};

export const isLoggedIn = () => Boolean(token);

/** Called when the daemon says that the session is over. */
export function whenExpired(action) { onExpired = action; }

/** Keeps the token in the current entry of the history; to be called after each navigation. */
export function keepToken() {
  if (history.state?.token !== token) history.replaceState(token ? { token } : null, "");
}

/** An answer that is no success. The message is the daemon's own sentence. */
export class APIError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function login(user, password) {
  const answer = await fetch("/ui/session", {
    method: "POST", credentials: "omit", cache: "no-store", body: JSON.stringify({ user, password }),
  });
  if (!answer.ok) throw new APIError(answer.status, (await answer.text()).trim());
  token = (await answer.json()).token;
  keepToken();
}

export async function logout() {
  const old = token;
  forget();
  await fetch("/ui/session", { method: "DELETE", credentials: "omit", headers: { authorization: `Bearer ${old}` } }).catch(() => {});
}

function forget() {
  token = undefined;
  keepToken();
}

/** Asks the daemon. Throws an APIError, or a TypeError when it cannot be reached. */
export async function request(method, path, { body, signal } = {}) {
  const used = token;
  const send = () => fetch(path, {
    method, signal, credentials: "omit", cache: "no-store", redirect: "error",
    headers: { authorization: `Bearer ${used}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  // A new replica is a new network on this machine, at which a browser here breaks off what is under way. To ask a
  // second time does no harm; to do a second time might.
  const answer = await (method === "GET" ? send().catch((error) => {
    if (signal?.aborted) throw error;
    return new Promise((done) => setTimeout(done, 300)).then(send);
  }) : send());
  if (answer.ok) return answer;
  const text = (await answer.text()).trim();
  // An answer to an older token says nothing of the one that holds now.
  if (answer.status === 401 && used === token) {
    forget();
    onExpired();
  }
  throw new APIError(answer.status, text || `the daemon answered ${answer.status}`);
}

export const getJSON = async (path, options) => (await request("GET", path, options)).json();

/** Lines of an answer that goes on, as they come. */
export async function* lines(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const parts = (rest + value).split("\n");
      rest = parts.pop();
      yield* parts;
    }
    if (rest) yield rest;
  } finally {
    reader.cancel().catch(() => {});
  }
}

const nameQuery = (fn) => new URLSearchParams({ namespace: fn.namespace });

export const functionPath = (fn) => `/system/function/${encodeURIComponent(fn.name)}?${nameQuery(fn)}`;
export const describe = (fn) => getJSON(`${functionPath(fn)}&usage=1`);
export const deploy = (deployment, isNew) => request(isNew ? "POST" : "PUT", "/system/functions", { body: deployment });
export const remove = (fn) => request("DELETE", "/system/functions", { body: { functionName: fn.name, namespace: fn.namespace } });
export const scale = (fn, replicas) => request(
  "POST", `/system/scale-function/${encodeURIComponent(fn.name)}?${nameQuery(fn)}`,
  { body: { serviceName: fn.name, namespace: fn.namespace, replicas } });
export const series = (fn, window) => getJSON(
  `/system/series?${new URLSearchParams({ function: fn.name, namespace: fn.namespace, window })}`);
export const namespaces = () => getJSON("/system/namespaces");
export const secrets = (namespace) => getJSON(`/system/secrets?${new URLSearchParams({ namespace })}`);
export const changeSecret = (method, secret) => request(method, "/system/secrets", { body: secret });
export const calls = (query) => getJSON(`/system/async/calls?${new URLSearchParams(query)}`);
export const redrive = (id) => request("POST", `/system/async/calls/${encodeURIComponent(id)}/redrive`);
export const cancel = (id) => request("DELETE", `/system/async/calls/${encodeURIComponent(id)}`);
export const redriveAll = async (query) => (await request("POST", `/system/async/redrive?${new URLSearchParams(query)}`)).json();
export const triggers = (fn) => getJSON(`/system/triggers?${new URLSearchParams({ function: fn.name, namespace: fn.namespace })}`);
