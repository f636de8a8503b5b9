"use strict";

// The composer completes commands, people and channels while one types.
// It is the combobox with a list of ARIA's authoring practices.
{
  const text = document.getElementById("text");
  const list = document.getElementById("completions");
  const most = 8; // shown at once
  let active = null;

  // word is what is being completed: a command at the beginning, or a name
  // anywhere.
  const word = () => /(?:^\/|(?<=^|\s)[@#])[^\s]*$/.exec(text.value.slice(0, text.selectionStart))?.[0];

  function activate(option) {
    active?.setAttribute("aria-selected", "false");
    active = option;
    active?.setAttribute("aria-selected", "true");
    active?.scrollIntoView({ block: "nearest" });
    if (active) text.setAttribute("aria-activedescendant", active.id);
    else text.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    text.setAttribute("aria-expanded", "false");
    activate(null);
  }

  function matches(option, typed) {
    const insert = option.dataset.insert.toLowerCase();
    if (!typed || insert[0] !== typed[0]) return false;
    return insert.startsWith(typed) || option.textContent.toLowerCase().includes(typed.slice(1));
  }

  function offer() {
    const typed = word()?.toLowerCase();
    const found = [...list.children].filter((option) => matches(option, typed)).slice(0, most);
    for (const option of list.children) option.hidden = !found.includes(option);
    if (found.length === 0 || found.some((option) => option.dataset.insert.toLowerCase() === typed)) return close();
    list.hidden = false;
    text.setAttribute("aria-expanded", "true");
    activate(found[0]);
  }

  function take(option) {
    const from = text.selectionStart - word().length;
    text.setRangeText(option.dataset.insert + " ", from, text.selectionStart, "end");
    close();
    text.focus();
  }

  text.addEventListener("input", offer);
  text.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the text keeps the focus
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  text.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const shown = [...list.children].filter((option) => !option.hidden);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) activate(shown[(shown.indexOf(active) + step + shown.length) % shown.length]);
    else if (event.key === "Enter" || event.key === "Tab") take(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}
