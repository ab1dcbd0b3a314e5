"""What the gate shows instead of a page: the form to sign in, and why somebody may not."""

from html import escape

from starlette.responses import HTMLResponse

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} · Selfie</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<style>
:root {{ --paper: #fff; --ground: #f6f4f7; --ink: #1d1b20; --line: #e6e1e8; --accent: #c2255c;
  --on: #fff; --bad: #a61b1b }}
@media (prefers-color-scheme: dark) {{ :root {{ --paper: #1d1b20; --ground: #121114;
  --ink: #ece8ef; --line: #34303a; --accent: #f0568c; --on: #1d1b20; --bad: #ff8a8a }} }}
* {{ box-sizing: border-box }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem;
  background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }}
main {{ width: 100%; max-width: 23rem; padding: 2rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: 10px }}
h1 {{ margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }}
p {{ margin: 0 0 1.25rem }}
p[role=alert] {{ color: var(--bad) }}
label {{ display: block; margin-bottom: .25rem; font-weight: 600 }}
input {{ width: 100%; padding: .6rem .75rem; margin-bottom: 1rem; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--line); border-radius: 10px }}
button, a.button {{ display: block; width: 100%; padding: .6rem; font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; color: var(--on); background: var(--accent);
  border: 0; border-radius: 99px; cursor: pointer }}
:focus-visible {{ outline: 3px solid var(--accent); outline-offset: 2px }}
</style>
<main><h1>{title}</h1>{said}{form}</main></html>"""
_FORM = """<form method="post" action="{root}login">
<label for="secret">Password or key</label>
<input id="secret" name="secret" type="password" autocomplete="current-password" required autofocus>
<button>Sign in</button></form>"""
_BUTTON = '<a class="button" href="{root}{to}">{words}</a>'
# The page asks for nothing but itself.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def sign_in_page(root: str, *, elsewhere: bool, wrong: str = "", status: int = 401) -> HTMLResponse:
    """Return the page that asks who it is.

    Args:
        root: Address of the app's root, relative to what was asked for.
        elsewhere: Signing in is the provider's; else there is a password.
        wrong: What was wrong with the last try.
        status: Of HTTP.
    """
    if elsewhere:
        said = "<p>This server is not open to everyone. Sign in with your account.</p>"
        form = _BUTTON.format(root=root, to="login", words="Sign in")
    else:
        said = "<p>This server is not open to everyone. Whoever runs it has the password.</p>"
        form = _FORM.format(root=root)
    if wrong:
        said = f'<p role="alert">{escape(wrong)}</p>'
    return _page("Sign in", said, form, status)


def no_entry_page(root: str, why: str, *, status: int) -> HTMLResponse:
    """Return the page that says why not, to one who signed in."""
    form = _BUTTON.format(root=root, to="logout", words="Sign in as somebody else")
    said = f"<p>{escape(why[0].upper() + why[1:])}.</p>"
    if status == 403:
        said += "<p>Whoever runs this server gives roles.</p>"
    return _page("Not for you" if status == 403 else "Not now", said, form, status)


def _page(title: str, said: str, form: str, status: int) -> HTMLResponse:
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY}
    return HTMLResponse(_PAGE.format(title=title, said=said, form=form), status, headers)
