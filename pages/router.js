// On a narrow window the menu lies over the page: a choice closes it.
if (!window.selfieMenu) {
  window.selfieMenu = true;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-testid=stSidebarNavLink]")) return;
    document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
  });
}
