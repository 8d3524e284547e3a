// oidc-provider as a server to sign in at. Usage: node server.mjs FOLDER
// Listens on free loopback ports over plain HTTP, writes FOLDER/NAME.json for each server when it is ready (see
// `description`), logs to standard error and ends when its standard input does.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { errors, Provider } from 'oidc-provider';
import { noVSCHAR } from 'oidc-provider/lib/consts/client_attributes.js';

import { api, apiPath } from './api.mjs';
import { interaction, interactionPath } from './interaction.mjs';
import { memory } from './memory.mjs';

// Everything in which one server differs from another. A profile that needs other features (DPoP nonces demanded, the
// FAPI profile) is another entry here and another server in the same process.
const servers = {
  oidc_provider: {
    features: {
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
  },
};

const web = {
  redirect_uris: ['https://app.example/callback', 'https://app.example/callback?tenant=north%20sea'],
  grant_types: ['authorization_code', 'refresh_token'],
};
const native = {
  ...web,
  application_type: 'native', // any port of the loopback redirect is accepted (RFC 8252, section 7.3)
  redirect_uris: ['http://127.0.0.1/callback'],
  token_endpoint_auth_method: 'none',
};
const clients = {
  public: { ...native, client_id: 'public' },
  basic: {
    ...web,
    client_id: 'basic %:+ /',
    client_secret: 'secret %:+ / %2B %zz &=?"\'~',
    token_endpoint_auth_method: 'client_secret_basic',
  },
  basic_utf8: {
    ...web,
    client_id: 'basic %:+é /',
    client_secret: 'secret %:+é / %C3%A9 €',
    token_endpoint_auth_method: 'client_secret_basic',
  },
  post: {
    ...web,
    client_id: 'post %:+ /',
    client_secret: 'secret %:+é / %C3%A9 &=?"\'~',
    token_endpoint_auth_method: 'client_secret_post',
  },
  // May ask for `email` and for no other scope of the server itself: `profile` is answered with `invalid_scope`.
  narrow: { ...native, client_id: 'narrow', scope: 'email' },
  // Gets no refresh token, and may not use one.
  no_refresh: { ...native, client_id: 'no-refresh', grant_types: ['authorization_code'] },
};

// oidc-provider holds client ids and secrets to visible ASCII, as the grammar of RFC 6749, appendix A does. Other
// servers do not, and appendix B encodes any text: so here any text may be registered, and its own decoding stays.
// Every method of a regular expression goes through `exec`.
noVSCHAR.exec = (value) => /[\x00-\x1f\x7f]/.exec(value);

// The APIs that tokens are for. The first is meant when a request names none.
const resourcesOf = (issuer) => ({
  [`${issuer}${apiPath}`]: { scope: 'api api:write', accessTokenTTL: 600, accessTokenFormat: 'opaque' },
  [`${issuer}${apiPath}/brief`]: { scope: 'api', accessTokenTTL: 2, accessTokenFormat: 'opaque' },
});

const jwks = {
  keys: [['rsa', { modulusLength: 2048 }, 'RS256'], ['ec', { namedCurve: 'P-256' }, 'ES256'], ['ed25519', {}, 'Ed25519']]
    .map(([type, options, alg]) => ({
      ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, kid: alg, use: 'sig',
    })),
};

const configuration = (issuer, { features = {}, ...changes }) => {
  const resources = resourcesOf(issuer);
  return {
    adapter: memory(),
    allowOmittingSingleRegisteredRedirectUri: false,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    clients: Object.values(clients),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    expiresWithSession: () => false,
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => Object.keys(resources)[0],
        getResourceServerInfo: (_, indicator) => {
          if (!resources[indicator]) throw new errors.InvalidTarget();
          return { ...resources[indicator], audience: indicator };
        },
      },
      ...features,
    },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Name of ${id}`, email: `${id}@user.example`, email_verified: true }),
    }),
    interactions: { url: (_, { uid }) => `${interactionPath}${uid}` },
    // Also without `offline_access`, which OpenID Connect ties to `prompt=consent`.
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    jwks,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ...changes,
  };
};

// What the driver has to know of a server.
const description = (issuer) => ({ issuer, resources: Object.keys(resourcesOf(issuer)), clients });

async function start(name, settings) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;

  const provider = new Provider(issuer, configuration(issuer, settings));
  log(name, provider);
  const handle = provider.callback();
  server.on('request', async (request, response) => {
    try {
      if (request.url.startsWith(`${apiPath}/`)) await api(provider, resourcesOf(issuer), request, response);
      else if (request.url.startsWith(interactionPath)) await interaction(provider, request, response);
      else await handle(request, response);
    } catch (error) {
      console.error(name, request.method, request.url, error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  });
  return description(issuer);
}

// The reasons that the server keeps from its clients.
function log(name, provider) {
  for (const event of ['authorization.error', 'grant.error', 'introspection.error', 'revocation.error', 'userinfo.error']) {
    provider.on(event, (_, error) => {
      console.error(name, event, error.error, '-', error.error_detail ?? error.error_description ?? '');
    });
  }
  provider.on('server_error', (_, error) => console.error(name, 'server_error', error));
}

process.stdin.on('end', () => process.exit(0)).resume();
const folder = process.argv[2];
for (const [name, settings] of Object.entries(servers)) {
  const ready = JSON.stringify(await start(name, settings), null, 2);
  writeFileSync(join(folder, `${name}.partial`), ready);
  renameSync(join(folder, `${name}.partial`), join(folder, `${name}.json`));
}
