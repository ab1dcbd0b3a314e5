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
  parentElement.component ??= new Kind(parentElement, data);
  parentElement.component.page = page;
  parentElement.component.show(data);
  return leave;
};
