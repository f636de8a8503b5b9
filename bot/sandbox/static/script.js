"use strict";

// The page is drawn on the server. This script puts in place what the server
// sends when something changes, and sends forms without leaving the page.

const body = document.body;
const offline = document.getElementById("offline");
const confirmDialog = document.getElementById("confirm");

// The conversation stays at its end, unless the visitor scrolled away from it.
const messages = document.getElementById("messages");
let following = true;
function follow() {
  if (following) messages.scrollTop = messages.scrollHeight;
}
messages.addEventListener("scroll", () => {
  following = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 40;
});
if (location.hash.startsWith("#m-")) {
  following = false;
  document.getElementById(location.hash.slice(1))?.focus();
}
new ResizeObserver(follow).observe(messages);

// drawn remembers the HTML of which an element was made: the element itself may
// have been changed since, by a class or by what was typed.
const drawn = new WeakMap();
const source = (node) => drawn.get(node) ?? node.outerHTML ?? node.textContent;

// reconcile gives target the children of fresh, and keeps those that are as they
// were, with their focus and what was typed into them.
function reconcile(target, fresh, mark) {
  const old = new Map();
  for (const child of target.children) if (child.id) old.set(child.id, child);
  const wanted = [...fresh.childNodes].filter((n) => n.nodeType !== Node.TEXT_NODE || n.data.trim() !== "").map((node) => {
    const before = node.id ? old.get(node.id) : undefined;
    if (before && source(before) === node.outerHTML) {
      drawn.set(before, node.outerHTML);
      return before;
    }
    if (before?.tagName === "OL" && node.tagName === "OL") {
      reconcile(before, node, mark);
      drawn.set(before, node.outerHTML);
      return before;
    }
    if (node.nodeType === Node.ELEMENT_NODE) {
      drawn.set(node, node.outerHTML);
      if (mark && node.id) node.classList.add("changed");
    }
    return node;
  });
  for (const child of [...target.childNodes]) if (!wanted.includes(child)) child.remove();
  let cursor = target.firstChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextSibling;
    else target.insertBefore(node, cursor);
  }
}

// show puts a region's HTML, which the server escaped, in place.
function show(id, html, mark) {
  const target = document.getElementById(id);
  const template = document.createElement("template");
  template.innerHTML = html;
  const focused = target.contains(document.activeElement) ? document.activeElement : null;
  const home = focused?.closest("article, dialog")?.id;
  reconcile(target, template.content, mark);
  if (id === "messages") follow();
  if (id === "accounts" && mark) reveal(target.querySelector(".changed"));
  if (id === "modal") openModal(target);
  if (focused && !focused.isConnected) {
    (document.getElementById(focused.id) ?? document.getElementById(home) ?? document.getElementById("conversation")).focus({ preventScroll: true });
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
  };
}
document.addEventListener("visibilitychange", listen);
addEventListener("pageshow", listen);
addEventListener("pagehide", () => events?.close());

// post sends a form and reports whether Slack took it. A form is sent once at a
// time.
const busy = new WeakSet();
async function post(form, button, extra = {}) {
  if (busy.has(form)) return false;
  busy.add(form);
  button?.setAttribute("aria-busy", "true");
  try {
    const data = new URLSearchParams([...new FormData(form), ...Object.entries(extra)]);
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: data });
    if (answer.status === 403) location.reload(); // another run of the sandbox
    return answer.ok && (await answer.json()).sent;
  } catch {
    offline.hidden = false;
    return false;
  } finally {
    busy.delete(form);
    button?.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  const dialog = form.querySelector("template");
  if (dialog) {
    ask(form, dialog, event.submitter);
    return;
  }
  following = true;
  const sent = await post(form, event.submitter);
  if ("composer" in form.dataset) {
    if (sent) form.elements.text.value = "";
    form.elements.text.focus();
  }
});

// ask opens the confirm dialog of a button. What is sent is what the button was
// when it was pressed, whatever becomes of the message meanwhile.
function ask(form, template, button) {
  confirmDialog.replaceChildren(template.content.cloneNode(true));
  confirmDialog.onclick = (event) => {
    const chosen = event.target.closest("button");
    if (!chosen) return;
    confirmDialog.close();
    if (chosen.dataset.answer === "confirm") post(form, button, { answer: chosen.value });
  };
  confirmDialog.onclose = () => {
    if (button.isConnected) button.focus();
  };
  confirmDialog.showModal();
}

// Escape closes a modal as its own button does, so that Slack knows.
document.addEventListener("cancel", (event) => {
  if (!event.target.matches("[data-modal]")) return;
  event.preventDefault();
  event.target.querySelector("[data-close]").requestSubmit();
}, true);

document.addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]")?.dataset.fill;
  if (fill === undefined) return;
  const text = document.getElementById("text");
  text.value = fill;
  text.focus();
});

document.querySelector(".people [aria-current]").scrollIntoView({ block: "nearest", inline: "center" });
openModal(document.getElementById("modal"));
