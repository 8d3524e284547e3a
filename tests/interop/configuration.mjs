// How oidc-provider is set up: the accounts, the APIs, the features.
import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { errors } from 'oidc-provider';

import { apiPath } from './api.mjs';
import { notify } from './backchannel.mjs';
import { clients } from './clients.mjs';
import { actorClaim } from './exchange.mjs';
import { interactionPath, logoutSource, userCodeInputSource } from './interaction.mjs';
import { memory } from './memory.mjs';

// The APIs that tokens are for. The first is meant when a request names none.
export const resourcesOf = (issuer) => ({
  [`${issuer}${apiPath}`]: { scope: 'api api:write', accessTokenTTL: 600, accessTokenFormat: 'opaque' },
  [`${issuer}${apiPath}/other`]: { scope: 'api', accessTokenTTL: 600, accessTokenFormat: 'opaque' },
  [`${issuer}${apiPath}/brief`]: { scope: 'api', accessTokenTTL: 2, accessTokenFormat: 'opaque' },
});

const jwks = {
  keys: [['rsa', { modulusLength: 2048 }, 'RS256'], ['ec', { namedCurve: 'P-256' }, 'ES256'], ['ed25519', {}, 'Ed25519']]
    .map(([type, options, alg]) => ({
      ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, kid: alg, use: 'sig',
    })),
};

// Payments of at most 100 are granted; the user's part in it is played by `interaction.mjs`.
const payments = {
  validate: (_, detail) => {
    if (!/^[0-9]+$/.test(detail.amount ?? '')) throw new errors.InvalidAuthorizationDetails('a payment needs an amount');
  },
};
const grantedDetails = (details) => details?.map((detail) => ({ ...detail, amount: String(Math.min(detail.amount, 100)) }));

export const configuration = (issuer, ciba, { features = {}, ...changes } = {}) => {
  const resources = resourcesOf(issuer);
  return {
    adapter: memory(),
    allowOmittingSingleRegisteredRedirectUri: false,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    clients: Object.values(clients),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    expiresWithSession: () => false,
    features: {
      ciba,
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, userCodeInputSource },
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      registration: { enabled: true, initialAccessToken: 'initial-access-token' },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => Object.keys(resources)[0],
        getResourceServerInfo: (_, indicator) => {
          if (!resources[indicator]) throw new errors.InvalidTarget();
          return { ...resources[indicator], audience: indicator };
        },
        // Who is asked on the phone is asked for an API, although `openid` is there too.
        useGrantedResource: (_, { kind }) => kind === 'BackchannelAuthenticationRequest',
      },
      revocation: { enabled: true },
      richAuthorizationRequests: {
        enabled: true,
        types: { payment: payments },
        authorizationDetailsForGrantSource: (ctx) => grantedDetails(JSON.parse(ctx.oidc.params.authorization_details ?? 'null') ?? undefined),
        authorizationDetailsForAccessToken: (_ctx, _token, source) => source?.rar,
        authorizationDetailsForIntrospection: (_ctx, token) => token.rar,
      },
      rpInitiatedLogout: { enabled: true, logoutSource },
      ...features,
    },
    extraTokenClaims: actorClaim,
    fetch: notify,
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
