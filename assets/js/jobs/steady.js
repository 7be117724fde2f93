/* Elements that stay when a callback sets them anew, told apart by their ids. Dash would make new ones: whoever had the
   focus on one, or had unfolded it, would lose that with each step of a run. A Dash component
   (`dashboard/panels/component.py`). */
const HTML = "dash_html_components";

function element(node) {
  const { createElement } = window.React;
  if (Array.isArray(node)) return node.map(element);
  if (!node?.type) return node;
  const { children = null, ...props } = node.props;
  const type = node.namespace === HTML ? node.type.toLowerCase() : window.pushboard[node.type];
  return createElement(type, props.id ? { key: props.id, ...props } : props, ...[element(children)].flat());
}

export function Steady({ content }) {
  const { createElement, Fragment } = window.React;
  return createElement(Fragment, null, ...[element(content.children)].flat());
}
