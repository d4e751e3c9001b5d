// The part of the walk-through that runs inside each page: it watches what answers and how long the page stands
// still, lists the controls that a person sees, and marks the one that is to be pressed.

// Runs from the start of each page.
export function watchPage() {
  let last = performance.now();
  const crawl = { stood: 0, answers: 0, changed: 0 };
  window.crawl = crawl;
  const answers = () => { crawl.answers += 1; };
  setInterval(() => {
    const now = performance.now();
    crawl.stood = Math.max(crawl.stood, now - last);
    last = now;
  }, 50);
  window.print = answers;
  // The browser says itself that a field must be filled in; the screen is filled; a place is scrolled to.
  for (const event of ["invalid", "fullscreenchange", "scroll"]) document.addEventListener(event, answers, true);
  document.addEventListener("focusin", ({ target }) => { if (!target.closest?.("[data-crawl]")) answers(); });
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => {
      const inside = ({ target }) => target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      // The badge changes by itself, and the walk leaves a mark.
      const own = (change) => inside(change)?.closest(".badge__button, .badge > .hidden") || change.attributeName === "data-crawl";
      const seen = changes.filter((change) => !own(change)).length;
      if (seen > 0) crawl.changed = performance.now();
      crawl.answers += seen;
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });

  const frame = () => new Promise((drawn) => { requestAnimationFrame(drawn); });

  // Waits until nothing changes by itself any more, so that no change is taken for an answer.
  crawl.settled = async (quiet = 60, most = 1000) => {
    const begun = performance.now();
    do await frame(); while (performance.now() - Math.max(crawl.changed, begun) < quiet && performance.now() - begun < most);
  };

  const plain = (text) => (text ?? "").trim().replace(/\s+/g, " ");
  const nameOf = (control) => {
    const label = control.getAttribute("aria-label") || control.closest("label")?.querySelector("span")?.textContent || control.closest("label")?.textContent;
    const words = control.tagName === "SELECT" ? label : label || control.textContent;
    return (plain(words) || plain(control.placeholder) || control.dataset.testid || control.tagName).slice(0, 40);
  };

  const ROW = "li, tr, [role=row], [data-testid=item], [data-testid=kcard]";
  const FIELD = "textarea, input:not([type]), input[type=text], input[type=search], input[type=number], input[type=date], input[type=password]";

  // Parts that stand on many pages, and are the same controls there.
  const placeOf = (control, place) => {
    const question = control.closest("dialog");
    if (question) return `question ${plain(question.querySelector("h1, h2, h3")?.textContent)}`;
    if (control.closest(".top, .rail, .skip")) return "frame";
    if (control.closest(".panel")) return "panel";
    if (control.closest(".board__bar")) return "bar";
    return place;
  };

  // A board begins with one of its views, which is the same view at its own address.
  const viewOf = (place) => {
    const tab = document.querySelector(".tabs a[aria-current]");
    return place.startsWith("/b/") && tab ? `view ${plain(tab.textContent)}` : place;
  };

  const pathOf = (control) => {
    const steps = [];
    for (let at = control; at && !at.matches("main, body, dialog, .panel, .board__bar"); at = at.parentElement) {
      const style = [...at.classList].find((one) => !one.includes("--")) ?? "";
      const mark = at.dataset.testid ?? at.getAttribute("aria-labelledby") ?? "";
      const type = ["submit", "button", "text"].includes(at.type) ? "" : at.getAttribute("type") ?? "";
      steps.push(`${at.tagName}.${style}#${mark}:${type}`);
    }
    return steps.join("<");
  };

  const scopeOf = (control) => control.closest("form, fieldset, .inline, .stack");
  const isSeen = (one) => one.getClientRects().length > 0 && one.checkVisibility({ checkVisibilityCSS: true }) && !one.classList.contains("hidden");
  const fieldsOf = (control) => {
    const scope = control.tagName === "BUTTON" ? scopeOf(control) : null;
    return scope ? [...scope.querySelectorAll(FIELD)].filter((field) => isSeen(field) && !field.disabled && !field.readOnly) : [];
  };

  // Leaving a form comes before sending it, which may take it away for good.
  const LEAVES = /^(取消|不要了|留着|先不|关闭|返回)/;
  const ORDER = { SUMMARY: 0, SELECT: 1, TEXTAREA: 2, INPUT: 2, DIV: 3, BUTTON: 4, A: 5 };

  // Each way in which a control can be pressed: a list by each of its choices, the button of a form with
  // words and without.
  const waysOf = (control) => {
    if (control.tagName === "SELECT") {
      const all = [...control.options].map((option, index) => [option, index]);
      return all.filter(([option]) => !option.disabled && !option.selected).map(([option, index]) => ({ way: plain(option.textContent).slice(0, 20), option: index }));
    }
    if (control.tagName === "BUTTON" && !LEAVES.test(nameOf(control)) && fieldsOf(control).length > 0) return [{ way: "empty" }, { way: "filled" }];
    if (control.tagName === "DIV") return [{ way: `column ${control.dataset.cell.split(" ")[1]}` }];
    return [{ way: "" }];
  };

  // The controls that a person sees now, each way once: `{key, path, name, tag, …}`. `own` is the login
  // of the person who walks.
  crawl.list = ({ place: address, own, pathname }) => {
    // A link was followed meanwhile.
    if (location.pathname !== pathname) return "null";
    const place = viewOf(address);
    const questions = document.querySelectorAll("dialog[open]");
    const question = questions[questions.length - 1];
    const controls = (question ?? document).querySelectorAll("summary, select, textarea, input, button, a[href], [role=gridcell][data-cell]");
    const found = new Map();
    for (const control of controls) {
      if (control.closest("[inert], #panic") || control.disabled || control.readOnly) continue;
      if (control.type === "file" ? !control.closest("label")?.getClientRects().length : !isSeen(control)) continue;
      const row = control.closest(ROW);
      const tag = control.tagName;
      const chosen = tag === "A" || ["checkbox", "radio"].includes(control.type);
      const path = `${placeOf(control, place)}|${pathOf(control)}`;
      // Titles and numbers of rows differ, and are no other control.
      const words = (row && chosen) || tag === "DIV" || control.matches(".sheet__editor, .badge__button") ? "" : nameOf(control).replace(/\d+/g, "0").replace(/[：:].*/, "");
      const ownRow = row?.querySelector(".dim")?.textContent.startsWith(`${own} ·`) ?? false;
      for (const { way, option } of waysOf(control)) {
        const key = `${path}|${words}|${way.replace(/\d+/g, tag === "DIV" ? "$&" : "0")}${ownRow ? "|own" : ""}`;
        if (found.has(key)) continue;
        found.set(key, {
          key, path, way, option, ownRow, tag, row: Boolean(row), type: control.type ?? "", name: nameOf(control), href: control.getAttribute("href"),
          accept: control.getAttribute("accept") ?? "", order: ORDER[tag] - (tag === "BUTTON" && LEAVES.test(nameOf(control)) ? 0.5 : 0), here: control.getAttribute("aria-current") !== null || control.href === location.href,
          chosen: ["aria-pressed", "aria-selected"].some((state) => control.getAttribute(state) === "true"), control,
        });
      }
    }
    crawl.found = found;
    const sorted = [...found.values()].sort((one, other) => one.order - other.order);
    // As a text, which crosses to the test faster than so many values.
    return JSON.stringify({ question: Boolean(question), controls: sorted.map(({ control, ...told }) => told) });
  };

  // Marks a control of the list, brings it into sight and fills or empties the fields of its form. Gives
  // where it can be pressed, if it is not covered there, and the count of answers before.
  crawl.mark = async ({ key, way, words }) => {
    for (const marked of document.querySelectorAll("[data-crawl]")) marked.removeAttribute("data-crawl");
    const control = crawl.found.get(key)?.control;
    if (!control?.isConnected) return null;
    control.setAttribute("data-crawl", "");
    if (way === "empty" || way === "filled") {
      for (const field of fieldsOf(control)) {
        if (way === "filled" && field.value !== "") continue;
        const input = words[field.type] ?? words.text;
        const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set;
        setter.call(field, way === "empty" ? "" : input);
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
    // Columns that stay in sight cover what stands to the left.
    control.scrollIntoView({ block: "center", inline: control.tagName === "DIV" ? "end" : "center" });
    await crawl.settled();
    // A control that is broken over two lines has more than one box.
    const box = control.getClientRects()[0];
    const at = box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : null;
    const top = at && document.elementFromPoint(at.x, at.y);
    return { at: top && (control.contains(top) || control.closest("label")?.contains(top)) ? at : null, answers: crawl.answers, address: location.href };
  };

  // Waits until something has answered, or two seconds; then tells how the app is.
  crawl.heard = async ({ answers, address, wait }) => {
    const begun = performance.now();
    const heard = () => crawl.answers !== answers || location.href !== address;
    while (wait && !heard() && performance.now() - begun < 2000) await new Promise((done) => { setTimeout(done, 20); });
    await crawl.settled(30, 300);
    return { heard: heard(), ...crawl.state() };
  };

  // Whether the app is alive and where it stands.
  crawl.state = () => {
    const { stood } = crawl;
    crawl.stood = 0;
    const panic = document.querySelector("#panic:not([hidden])");
    const gate = [...document.querySelectorAll("main.page--quiet input[inputmode=numeric][type=password]")].some(isSeen);
    const signIn = [...document.querySelectorAll("main.page--quiet input[name=login]")].some(isSeen);
    return { stood, gate, signIn, panic: panic && (document.querySelector("#panic-report").textContent || panic.innerText), head: plain(document.querySelector("main h1")?.textContent) };
  };
}
