// The list of rules as a Streamlit component (v2): one button per rule, drawn by Python as HTML.

export default function ({ data, parentElement, setTriggerValue }) {
  const list = (parentElement.ruleList ??= parentElement.appendChild(document.createElement("div")));
  if (list.shown !== data.html) list.innerHTML = list.shown = data.html;
  const rows = [...list.querySelectorAll("button")];
  const mark = (key) =>
    rows.forEach((row) => row.setAttribute("aria-current", String(row.dataset.rule === key)));
  mark(data.chosen);
  list.onclick = (event) => {
    const row = event.target.closest("button");
    if (!row) return;
    mark(row.dataset.rule); // before the server answers
    setTriggerValue("clicked", row.dataset.rule);
    // In a narrow window what was asked for lies below the list.
    if (innerWidth < 800) {
      document.querySelector(".st-key-rules_detail")?.scrollIntoView({ behavior: "smooth" });
    }
  };
  list.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = rows[rows.indexOf(event.target) + step];
    if (!step || !next) return;
    event.preventDefault();
    next.focus();
  };
}
