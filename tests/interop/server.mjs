// oidc-provider as a server to sign in at. Usage: node server.mjs FOLDER
// Listens on free loopback ports over plain HTTP, and over TLS for clients that show a certificate; writes
// FOLDER/NAME.json for each server when all are ready (see `description`), logs to standard error and ends when its
// standard input does.
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';

import { Provider } from 'oidc-provider';

import { about, aboutPath, api, apiPath } from './api.mjs';
import { backchannel, phonePath } from './backchannel.mjs';
import { certificates } from './certificates.mjs';
import { clients } from './clients.mjs';
import { configuration, resourcesOf } from './configuration.mjs';
import { registerExchange } from './exchange.mjs';
import { interaction, interactionPath } from './interaction.mjs';
import { memory } from './memory.mjs';
import { pace } from './pace.mjs';
import { attester, fapi, signed, signingAlgorithms } from './signed.mjs';

// Everything in which one server differs from another, given the origin of its TLS front. A profile that needs other
// features is another entry here and another server in the same process.
const servers = {
  oidc_provider: () => ({}),
  // Registers whoever comes, and is quick to forget what was pushed.
  open_oidc_provider: () => ({
    adapter: memory({ PushedAuthorizationRequest: 1 }),
    features: { registration: { enabled: true } },
  }),
  signed_oidc_provider: signed,
  fapi_oidc_provider: fapi,
};

const tls = certificates();

// What the driver has to know of a server.
const description = (issuer, front) => ({
  issuer, front, resources: Object.keys(resourcesOf(issuer)), clients, certificates: tls, attester,
  algorithms: signingAlgorithms,
});

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${server.address().port}`;
}

async function start(name, settings) {
  const server = createServer();
  const issuer = `http://${await listen(server)}`;
  const tlsServer = createTlsServer({
    ca: tls.authority.certificate, cert: tls.server.certificate, key: tls.server.key, requestCert: true, rejectUnauthorized: false,
  });
  const front = `https://${await listen(tlsServer)}`;

  const { feature, phone } = backchannel();
  const provider = new Provider(issuer, configuration(issuer, feature, settings(front)));
  registerExchange(provider, resourcesOf(issuer));
  pace(provider);
  log(name, provider);
  const handle = provider.callback();
  const answer = async (request, response) => {
    try {
      if (request.url.startsWith(`${apiPath}/`)) await api(provider, resourcesOf(issuer), request, response);
      else if (request.url.startsWith(aboutPath)) about(provider, resourcesOf(issuer), request, response);
      else if (request.url.startsWith(interactionPath)) await interaction(provider, request, response);
      else if (request.url === phonePath) await phone(provider, request, response);
      else await handle(request, response);
    } catch (error) {
      console.error(name, request.method, request.url, error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  };
  server.on('request', answer);
  tlsServer.on('request', answer);
  return description(issuer, front);
}

// The reasons that the server keeps from its clients.
function log(name, provider) {
  const subjects = [
    'authorization', 'backchannel', 'device_authorization', 'grant', 'introspection', 'pushed_authorization_request',
    'registration_create', 'registration_update', 'revocation', 'userinfo',
  ];
  for (const subject of subjects) {
    provider.on(`${subject}.error`, (_, error) => {
      console.error(name, subject, error.error, '-', error.error_detail ?? error.error_description ?? '');
    });
  }
  provider.on('server_error', (_, error) => console.error(name, 'server_error', error));
}

process.stdin.on('end', () => process.exit(0)).resume();
const folder = process.argv[2];
const ready = [];
for (const [name, settings] of Object.entries(servers)) {
  ready.push([name, JSON.stringify(await start(name, settings), null, 2)]);
}
// The first is the one that is waited for: where it is, the others are.
for (const [name, text] of ready.reverse()) {
  writeFileSync(join(folder, `${name}.partial`), text);
  renameSync(join(folder, `${name}.partial`), join(folder, `${name}.json`));
}
