// The API that the tokens are for, a resource server in the sense of RFC 6750, and what it says of itself (RFC 9728).
import { hash } from 'node:crypto';

import { certificateOf } from './signed.mjs';

export const apiPath = '/api';
export const aboutPath = '/.well-known/oauth-protected-resource';

export function about(provider, resources, request, response) {
  const resource = `${provider.issuer}${request.url.slice(aboutPath.length)}`;
  if (!resources[resource]) return answer(response, 404, { error: 'no such resource' });
  return answer(response, 200, {
    resource, authorization_servers: [provider.issuer], scopes_supported: resources[resource].scope.split(' '),
  });
}

export async function api(provider, resources, request, response) {
  const { pathname } = new URL(request.url, provider.issuer);
  const resource = `${provider.issuer}${pathname.replace(/\/me$/, '')}`;
  if (!pathname.endsWith('/me') || !resources[resource]) {
    return answer(response, 404, { error: 'no such resource' });
  }

  const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!bearer) {
    // RFC 6750, section 3.1: no error code for a request that carries no authentication.
    return challenge(response, 401, {
      realm: resource, resource_metadata: resource.replace(provider.issuer, `${provider.issuer}${aboutPath}`), scope: 'api',
    });
  }
  const token = await provider.AccessToken.find(bearer);
  if (!token || token.isExpired || token.aud !== resource || !isBoundTo(token, certificateOf(request))) {
    return challenge(response, 401, {
      realm: resource, error: 'invalid_token', error_description: 'The access token is unknown, expired or for another API',
    });
  }
  if (!token.scopes.has('api')) {
    return challenge(response, 403, {
      realm: resource, error: 'insufficient_scope', error_description: 'The scope "api" is needed', scope: 'api',
    });
  }
  return answer(response, 200, {
    sub: token.accountId, client_id: token.clientId, scope: token.scope, method: request.method,
  });
}

// RFC 8705, section 3: whoever brings a bound token shows the certificate too.
function isBoundTo(token, certificate) {
  const bound = token['x5t#S256'];
  return !bound || (certificate && hash('sha256', certificate.raw, 'base64url') === bound);
}

function challenge(response, status, parameters) {
  const quoted = Object.entries(parameters).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`);
  response.setHeader('www-authenticate', `Bearer ${quoted.join(', ')}`);
  answer(response, status, { error: parameters.error ?? 'unauthorized' });
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
