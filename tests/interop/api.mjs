// The API that the tokens are for, a resource server in the sense of RFC 6750, and what it says of itself (RFC 9728).
import { faultOf, nonce } from './possession.mjs';

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

  const [, scheme, text] = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!text) {
    // RFC 6750, section 3.1: no error code for a request that carries no authentication.
    return challenge(response, 401, {
      realm: resource, resource_metadata: resource.replace(provider.issuer, `${provider.issuer}${aboutPath}`), scope: 'api',
    });
  }
  const token = await provider.AccessToken.find(text);
  if (!token || token.isExpired || token.aud !== resource) {
    return challenge(response, 401, {
      realm: resource, error: 'invalid_token', error_description: 'The access token is unknown, expired or for another API',
    });
  }
  const fault = faultOf(token, scheme.toLowerCase(), text, request, `${provider.issuer}${pathname}`);
  if (fault) {
    if (token.jkt) response.setHeader('dpop-nonce', nonce);
    return challenge(response, 401, {
      realm: resource, error: fault, error_description: 'The access token is bound to a key that was not proven',
    }, token.jkt ? 'DPoP' : 'Bearer');
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

function challenge(response, status, parameters, scheme = 'Bearer') {
  const quoted = Object.entries(parameters).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`);
  response.setHeader('www-authenticate', `${scheme} ${quoted.join(', ')}`);
  answer(response, status, { error: parameters.error ?? 'unauthorized' });
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
