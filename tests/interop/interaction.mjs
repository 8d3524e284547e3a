// The pages a user sees between the authorization request and the redirect: a login form, then a consent form with one
// checkbox for each scope and the buttons "allow" and "deny". Any login name and password will do.
import { text } from 'node:stream/consumers';

export const interactionPath = '/interaction/';

export async function interaction(provider, request, response) {
  const { uid, prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  const finish = (result, merge) => provider.interactionFinished(request, response, result, {
    mergeWithLastSubmission: merge,
  });

  if (request.method !== 'POST') {
    const page = prompt.name === 'login' ? loginPage(uid) : consentPage(uid, params.client_id, prompt.details);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(page);
    return;
  }

  const form = new URLSearchParams(await text(request));
  if (prompt.name === 'login') {
    await finish({ login: { accountId: form.get('login'), acr: classAskedFor(params) } }, false);
  } else if (form.get('decision') === 'allow') {
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    record(grant, prompt.details, new Set(form.getAll('scope')));
    await finish({ consent: { grantId: await grant.save() } }, true);
  } else {
    await finish({ error: 'access_denied', error_description: 'The user said "no", 100 % sure' }, false);
  }
}

// The page on which a user confirms to log out.
export function logoutSource(ctx, form) {
  ctx.body = form.replace('</form>', '<button type="submit" name="logout" value="yes">Log out</button></form>');
}

// The page to enter a user code at. After a failure there is nothing to enter any more.
export function userCodeInputSource(ctx, form, _out, error) {
  ctx.body = error ? `<!DOCTYPE html><title>Not signed in</title><p>${escape(error.message)}</p>` : form;
}

// The user authenticates in whatever way is asked for first, whether by `claims` or by `acr_values`.
function classAskedFor({ acr_values: values, claims }) {
  const wanted = JSON.parse(claims ?? '{}').id_token?.acr;
  return wanted?.values?.[0] ?? wanted?.value ?? values?.split(' ')[0];
}

// A scope whose box is not checked is recorded as refused: otherwise the server would ask for it again.
function record(grant, { missingOIDCScope, missingOIDCClaims, missingResourceScopes, rar }, allowed) {
  for (const scope of missingOIDCScope ?? []) {
    if (allowed.has(scope)) grant.addOIDCScope(scope);
    else grant.rejectOIDCScope(scope);
  }
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    for (const scope of scopes) {
      if (allowed.has(scope)) grant.addResourceScope(resource, scope);
      else grant.rejectResourceScope(resource, scope);
    }
  }
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
  for (const detail of rar ?? []) grant.addRar(detail);
}

function loginPage(uid) {
  return page('Sign in', uid, `
    <label>Name <input type="text" name="login" required></label>
    <label>Password <input type="password" name="password" required></label>
    <button type="submit">Sign in</button>`);
}

function consentPage(uid, clientId, { missingOIDCScope = [], missingResourceScopes = {} }) {
  const scopes = new Set([...missingOIDCScope, ...Object.values(missingResourceScopes).flat()]);
  const boxes = [...scopes].map((scope) => `
    <label><input type="checkbox" name="scope" value="${escape(scope)}" checked> ${escape(scope)}</label>`);
  return page(`Allow ${clientId}?`, uid, `${boxes.join('')}
    <button type="submit" name="decision" value="allow">Allow</button>
    <button type="submit" name="decision" value="deny">Deny</button>`);
}

function page(title, uid, fields) {
  return `<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><title>${escape(title)}</title></head>
<body>
  <h1>${escape(title)}</h1>
  <form method="post" action="${interactionPath}${escape(uid)}">${fields}
  </form>
</body>
</html>`;
}

function escape(value) {
  return String(value).replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
}
