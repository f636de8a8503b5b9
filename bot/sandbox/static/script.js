"use strict";

// The page is drawn on the server. This script puts in place what the server
// sends when something changes, and sends forms without leaving the page.

const body = document.body;
const offline = document.getElementById("offline");
const confirmDialog = document.getElementById("confirm");

// The conversation stays at its end, unless the visitor scrolled away from it: or,
// where that would hide it, at the beginning of what it is about. That is the first
// message that came since the visitor did something, or else the one that changed.
// On a phone the whole page scrolls, and only for something that the visitor did.
const messages = document.getElementById("messages");
const log = messages.getAttribute("role") === "log";
const phone = matchMedia("(max-width: 48rem)");
let following = log && !phone.matches;
let came, changed;
let left = 0; // where follow left the scroll bar
function follow() {
  const topic = [came, changed].find((one) => one?.isConnected) ?? messages.lastElementChild;
  if (!following || !topic) return;
  if (phone.matches) topic.scrollIntoView();
  else messages.scrollTop = topic.offsetTop;
  left = scrolled();
}
const scrolled = () => (phone.matches ? scrollY : messages.scrollTop);
function act() {
  following = log;
  came = changed = undefined;
  left = scrolled();
}
document.addEventListener("scroll", (event) => {
  if (event.target !== (phone.matches ? document : messages)) return;
  const end = !phone.matches && messages.scrollHeight - messages.scrollTop - messages.clientHeight < 40;
  following = log && (end || (following && Math.abs(scrolled() - left) < 40));
}, true);
if (location.hash === "#conversation") act();
if (location.hash === "#text") document.getElementById("text").focus();
if (location.hash.startsWith("#m-")) {
  following = false;
  document.getElementById(location.hash.slice(1))?.focus();
}
new ResizeObserver(follow).observe(messages);

// reconcile gives target the children of fresh. Elements stay where they have the
// same id, or no id and the same place: with their focus, what was typed into them
// and whether they are open.
function reconcile(target, fresh, mark) {
  const named = new Map(), unnamed = [];
  for (const child of target.childNodes) child.id ? named.set(child.id, child) : unnamed.push(child);
  const wanted = [...fresh.childNodes].map((node) => {
    const before = node.id ? named.get(node.id) : unnamed.find((child) => child.nodeName === node.nodeName);
    if (before && before.nodeName === node.nodeName) {
      if (!node.id) unnamed.splice(0, unnamed.indexOf(before) + 1);
      update(before, node, mark);
      return before;
    }
    flash(node, mark);
    return node;
  });
  for (const child of [...target.childNodes]) if (!wanted.includes(child)) child.remove();
  let cursor = target.firstChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextSibling;
    else target.insertBefore(node, cursor);
  }
}

// drawn remembers what the server sent for an element, which script and visitor
// may have changed since.
const drawn = new WeakMap();
const ours = new Set(["open", "style", "data-placed"]); // attributes that the server leaves to the browser
function update(node, fresh, mark) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data !== fresh.data) node.data = fresh.data;
    return;
  }
  const html = fresh.outerHTML;
  if (drawn.get(node) === html) return;
  const known = drawn.has(node) || node.outerHTML !== html;
  drawn.set(node, html);
  if (!known) return;
  for (const { name } of [...node.attributes]) if (!fresh.hasAttribute(name) && !ours.has(name)) node.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (!ours.has(name) && node.getAttribute(name) !== value) node.setAttribute(name, value);
  if (node.nodeName === "TEMPLATE") node.innerHTML = fresh.innerHTML;
  else reconcile(node, fresh, mark);
  flash(node, mark);
}

// flash shows where something has changed.
function flash(node, mark) {
  if (mark && node.parentNode === messages) changed = node;
  if (!mark || node.nodeType !== Node.ELEMENT_NODE || !node.matches(".message, tr, .entries > li")) return;
  node.classList.remove("changed");
  void node.offsetWidth; // or the animation would not begin again
  node.classList.add("changed");
}

// show puts a region's HTML, which the server escaped, in place.
function show(id, html, mark) {
  const target = document.getElementById(id);
  const template = document.createElement("template");
  template.innerHTML = html;
  const focused = target.contains(document.activeElement) ? document.activeElement : null;
  const home = focused?.closest("article, dialog")?.id;
  const before = new Set(target.children);
  reconcile(target, template.content, mark);
  if (id === "messages" && mark) {
    came = [...target.children].find((one) => one === came || !before.has(one));
  }
  if (id === "accounts" && mark) reveal(target.querySelector(".changed"));
  if (id === "modal") openModal(target);
  if (focused && document.activeElement !== focused) {
    const next = focused.isConnected ? focused : document.getElementById(focused.id) ?? document.getElementById(home) ?? document.getElementById("conversation");
    next.focus({ preventScroll: true });
  }
}

// reveal scrolls the panel, and never the page, to a row.
function reveal(row) {
  const panel = row?.closest(".panel");
  if (!panel) return;
  const at = row.getBoundingClientRect(), view = panel.getBoundingClientRect();
  if (at.top < view.top + 48 || at.bottom > view.bottom) panel.scrollTop += at.top - view.top - view.height / 3;
}

function openModal(region) {
  const dialog = region.querySelector("dialog");
  if (dialog && !dialog.open) {
    confirmDialog.close();
    dialog.showModal();
  }
}

// A hidden page listens to nothing: browsers open few connections to one host.
let events;
let first = true;
function listen() {
  events?.close();
  events = undefined;
  if (document.hidden) return;
  events = new EventSource(body.dataset.live);
  events.onopen = () => { offline.hidden = true; };
  events.onerror = () => { offline.hidden = false; };
  events.onmessage = (event) => {
    for (const [id, html] of Object.entries(JSON.parse(event.data))) show(id, html, !first);
    first = false;
    follow();
    body.dataset.ready = "";
  };
}
document.addEventListener("visibilitychange", listen);
addEventListener("pageshow", listen);
addEventListener("pagehide", () => events?.close());

// post sends what a form holds and reports whether Slack took it. button shows
// that it is on its way, and what Slack shows if the app is late. A form is sent
// once at a time.
const busy = new WeakSet();
async function post(form, data, button) {
  if (busy.has(form)) return false;
  busy.add(form);
  button?.setAttribute("aria-busy", "true");
  button?.removeAttribute("data-failed");
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(data) });
    if (answer.status === 403) location.reload(); // another run of the sandbox
    const { sent, failure } = answer.ok ? await answer.json() : {};
    if (failure) button?.setAttribute("data-failed", failure);
    return sent === true;
  } catch {
    offline.hidden = false;
    return false;
  } finally {
    busy.delete(form);
    button?.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const data = new FormData(form, event.submitter);
  const list = event.submitter?.closest("[popover]");
  const button = list ? document.querySelector(`[popovertarget="${CSS.escape(list.id)}"]`) : event.submitter;
  list?.hidePopover();
  const dialog = form.querySelector(":scope > template");
  if (dialog && !(await confirmed(dialog, data, button))) return;
  act();
  const sent = await post(form, data, button);
  if ("composer" in form.dataset) {
    if (sent) form.elements.text.value = "";
    if (!phone.matches) form.elements.text.focus(); // its keyboard would hide the answer
  }
  if (sent && button?.dataset.href) go(button.dataset.href);
});

// go follows the link of a button.
function go(address) {
  if (address.startsWith("/")) location.href = address;
  else open(address, "_blank", "noopener,noreferrer");
}

// confirmed shows the confirm dialog of an element and reports whether it was
// confirmed. What is sent is what the element was when it was used, whatever
// becomes of the message meanwhile.
function confirmed(template, data, button) {
  return new Promise((resolve) => {
    let answer = false;
    confirmDialog.replaceChildren(template.content.cloneNode(true));
    confirmDialog.onclick = (event) => {
      const chosen = event.target.closest("button");
      if (!chosen) return;
      answer = chosen.dataset.answer === "confirm";
      data.set("answer", chosen.value);
      confirmDialog.close();
    };
    confirmDialog.onclose = () => {
      if (button?.isConnected) button.focus();
      resolve(answer);
    };
    confirmDialog.showModal();
  });
}

// Escape closes a modal as its own button does, so that Slack knows.
document.addEventListener("cancel", (event) => {
  if (!event.target.matches("[data-modal]")) return;
  event.preventDefault();
  event.target.querySelector("[data-close]").requestSubmit();
}, true);

// Some inputs tell the app of every change.
document.addEventListener("change", (event) => {
  const input = event.target.closest("[data-dispatch]");
  if (!input) return;
  const form = document.getElementById("modal-form");
  const { dispatch, action, block, kind } = input.dataset;
  const all = new FormData(form), data = new URLSearchParams({ action_id: action, block_id: block, kind });
  for (const name of ["token", "as", "in", "view"]) data.set(name, all.get(name));
  for (const value of all.getAll(dispatch)) data.append("value", value);
  fetch("/choose", { method: "POST", body: data }).catch(() => { offline.hidden = false; });
});

// A list that opens stands by its button and is used with the arrow keys.
document.addEventListener("toggle", (event) => {
  const list = event.target;
  if (!list.matches(".popover")) return;
  list.toggleAttribute("data-placed", event.newState === "open");
  if (event.newState !== "open") return;
  const at = document.querySelector(`[popovertarget="${CSS.escape(list.id)}"]`).getBoundingClientRect();
  const below = innerHeight - at.bottom > list.offsetHeight + 8 || at.top < list.offsetHeight + 8;
  list.style.top = Math.max(8, below ? Math.min(at.bottom + 4, innerHeight - list.offsetHeight - 8) : at.top - list.offsetHeight - 4) + "px";
  list.style.left = Math.max(8, Math.min(at.left, innerWidth - list.offsetWidth - 8)) + "px";
  (list.querySelector("[aria-selected=true]") ?? list.querySelector("button"))?.focus();
}, true);
document.addEventListener("keydown", (event) => {
  const list = event.target.closest(".popover");
  if (!list) return;
  const all = [...list.querySelectorAll("button")], at = all.indexOf(event.target);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (next !== undefined) {
    event.preventDefault();
    all[(next + all.length) % all.length].focus();
  } else if (event.key === "Tab") {
    list.hidePopover();
  } else if (event.key.length === 1 && event.key !== " ") {
    const from = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    from.find((one) => one.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  }
});

document.addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]")?.dataset.fill;
  if (fill === undefined) return;
  const text = document.getElementById("text");
  text.value = fill;
  text.focus();
});

openModal(document.getElementById("modal"));
