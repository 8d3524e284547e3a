"""The pages that a user sees: one form to sign in and decide. Any name and password will do."""

from flask import render_template_string

FORM = """<!DOCTYPE html>
<title>{{ title }}</title>
<form method="post">
  <label>Name <input type="text" name="login" required></label>
  <label>Password <input type="password" name="password" required></label>
  <button type="submit" name="decision" value="allow">Allow</button>
  <button type="submit" name="decision" value="deny">Deny</button>
</form>"""


def form(title):
    return render_template_string(FORM, title=title)


def decision(values):
    """Who decided, and whether it was a yes."""
    return values["login"], values.get("decision") == "allow"
