// A part of a page: its kinds make `root`, and all they listen to and fetch ends with `gone`.
export class Component {
  constructor() {
    this.gone = new AbortController();
  }

  on(target, event, handler, options = {}) {
    target.addEventListener(event, handler, { signal: this.gone.signal, ...options });
  }

  leave() {
    this.gone.abort();
    this.root.remove();
  }

  // A closing dialog can't give the focus back into a shadow root, so what was clicked takes it.
  returnTo(cell) {
    if (dialog()) return; // one that changes what it shows stays open
    let opened = false;
    clearInterval(this.waiting);
    this.waiting = setInterval(() => {
      if (!cell.isConnected || (opened && !dialog())) clearInterval(this.waiting);
      if (opened && !dialog()) cell.focus({ preventScroll: true });
      opened ||= Boolean(dialog());
    }, 150);
  }
}

const dialog = () => document.querySelector("[role=dialog]");

// Returns what Streamlit calls on every run of the page: it makes a `Kind` at the first call and
// shows it the page's data at each.  `page` holds setStateValue and setTriggerValue, which are
// others at every call.  One that `serves` other data only is made anew.
export const componentOf = (Kind) => (page) => {
  const { data, parentElement } = page;
  const leave = () => {
    parentElement.component?.leave();
    delete parentElement.component;
  };
  if (parentElement.component?.serves?.(data) === false) leave();
  if (!parentElement.component) {
    parentElement.component = new Kind(data);
    parentElement.append(parentElement.component.root);
  }
  parentElement.component.page = page;
  parentElement.component.show(data);
  return leave;
};
