/* Calls a callback of the server as Dash's renderer does, but hands its answer to the caller: the first drawings are there
   before Dash has started, and later ones need not wake every component of the page. Source of the form:
   `dash.Dash.dispatch` and the renderer's `handleServerside`. */
import { answer } from "../document.js";

const PATH = "/_dash-update-component";

/* Calls the callback whose only input is this property; resolves with what it sets, as [id, props] each. One that failed
   is told by `http.js`, and sets nothing. */
export async function callCallback(id, property, value) {
  const isWanted = ({ inputs }) => inputs.length === 1 && inputs[0].id === id && inputs[0].property === property;
  const { output } = answer("/_dash-dependencies").find(isWanted);
  const name = `${id}.${property}`;
  const body = { output, inputs: [{ id, property, value }], changedPropIds: [name], parsedChangedPropsIds: [name] };
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const reply = await fetch(PATH, { method: "POST", headers, body: JSON.stringify(body) });
  const { sideUpdate = {} } = reply.status === 200 ? await reply.json() : {};
  return Object.entries(sideUpdate).map(([key, props]) => [key.startsWith("{") ? JSON.parse(key) : key, props]);
}
