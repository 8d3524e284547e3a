// CIBA: the user's own phone, and what stands between it and the server.
import { text } from 'node:stream/consumers';

import { errors } from 'oidc-provider';

export const phonePath = '/phone';

// Everyone has an account but those who are called "nobody". The secret that lets a client have a user asked is the
// user's name backwards, where a client sends one.
export function backchannel() {
  const ringing = new Map(); // who is asked, and for what
  return {
    feature: {
      enabled: true,
      deliveryModes: ['poll', 'ping'],
      processLoginHint: (_, hint) => (hint.startsWith('nobody') ? undefined : hint),
      processLoginHintToken: (_, token) => {
        if (token === 'expired') throw new errors.ExpiredLoginHintToken('this login_hint_token has expired');
        return token.replace(/^token of /, '');
      },
      verifyUserCode: (_, account, code) => {
        if (code && code !== [...account.accountId].reverse().join('')) {
          throw new errors.InvalidRequest('this user_code is not that of the user');
        }
      },
      validateRequestContext: () => {},
      triggerAuthenticationDevice: (_, request, account) => { ringing.set(account.accountId, request); },
    },
    // The form that the user's phone sends: `login`, and `decision`, which is "allow" or "deny".
    async phone(provider, request, response) {
      const form = new URLSearchParams(await text(request));
      const asked = ringing.get(form.get('login'));
      if (!asked) {
        response.writeHead(404).end();
        return;
      }
      ringing.delete(form.get('login'));
      const allowed = form.get('decision') === 'allow';
      await provider.backchannelResult(
        asked.jti,
        allowed ? await grantOf(provider, asked) : new errors.AccessDenied('the user said no on the phone'),
      );
      response.writeHead(204).end();
    },
  };
}

async function grantOf(provider, asked) {
  const grant = new provider.Grant({ accountId: asked.accountId, clientId: asked.clientId });
  grant.addOIDCScope('openid');
  for (const resource of [asked.resource ?? []].flat()) grant.addResourceScope(resource, asked.scope);
  return grant.save();
}

// What a server calls back is registered with https, as it must be; the listeners of a test are on loopback without.
export function notify(url, { headers, ...options }) {
  const { dispatcher, ...plain } = options; // what guards a server from calling itself
  return fetch(url.replace(/^https:\/\/127\.0\.0\.1:/, 'http://127.0.0.1:'), { ...plain, headers });
}
