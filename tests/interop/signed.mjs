// Servers that sign and encrypt whatever can be, and take clients that do: oidc-provider with all of its JOSE, and its
// FAPI 2.0 profile. Whoever comes is registered; a scenario registers a client of its own for what it is about.
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';

import {
  idTokenEncryptionAlgValues, idTokenEncryptionEncValues, idTokenSigningAlgValues,
} from 'oidc-provider/lib/consts/jwa.js';

const key = (type, options, more) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), ...more,
});
const ec = (namedCurve, more) => key('ec', { namedCurve }, more);
const rsa = (more) => key('rsa', { modulusLength: 2048 }, more);

// All that it has; ML-DSA where Node has it, which is from 24.7 on.
export const signingAlgorithms = [...idTokenSigningAlgValues];
const managements = [...idTokenEncryptionAlgValues];
const encryptions = [...idTokenEncryptionEncValues];
const postQuantum = signingAlgorithms.filter((name) => name.startsWith('ML-DSA'));

const enabled = { enabled: true };

// A client's certificate is what it showed at the TLS front.
const mTLS = {
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: certificateOf,
  certificateAuthorized: (ctx) => ctx.socket.authorized,
  certificateSubjectMatches: (ctx, property, expected) => (
    property === 'tls_client_auth_san_dns' && certificateOf(ctx).checkHost(expected) === expected
  ),
};

export function certificateOf({ socket }) {
  return socket.encrypted ? socket.getPeerX509Certificate() : undefined;
}

// RFC 8705, section 5: the endpoints that clients with a certificate go to.
const aliases = (front) => Object.fromEntries([
  ['token_endpoint', 'token'], ['userinfo_endpoint', 'me'], ['introspection_endpoint', 'token/introspection'],
  ['revocation_endpoint', 'token/revocation'], ['pushed_authorization_request_endpoint', 'request'],
].map(([name, path]) => [name, `${front}/${path}`]));

// Who vouches for instances of clients: its key is this server's to know, and the driver's to have.
export const attester = { ...ec('P-256'), alg: 'ES256' };

export const signed = (front) => ({
  acrValues: ['bronze', 'gold'],
  clientAuthMethods: [
    'none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'tls_client_auth',
    'self_signed_tls_client_auth', 'attest_jwt_client_auth',
  ],
  discovery: { mtls_endpoint_aliases: aliases(front) },
  enabledJWA: {
    authorizationEncryptionAlgValues: managements,
    authorizationEncryptionEncValues: encryptions,
    authorizationSigningAlgValues: signingAlgorithms,
    clientAuthSigningAlgValues: signingAlgorithms,
    dPoPSigningAlgValues: signingAlgorithms.filter((name) => !name.startsWith('HS')),
    idTokenEncryptionAlgValues: managements,
    idTokenEncryptionEncValues: encryptions,
    idTokenSigningAlgValues: signingAlgorithms,
    introspectionEncryptionAlgValues: managements,
    introspectionEncryptionEncValues: encryptions,
    introspectionSigningAlgValues: signingAlgorithms,
    requestObjectEncryptionAlgValues: managements,
    requestObjectEncryptionEncValues: encryptions,
    requestObjectSigningAlgValues: signingAlgorithms,
    userinfoEncryptionAlgValues: managements,
    userinfoEncryptionEncValues: encryptions,
    userinfoSigningAlgValues: signingAlgorithms,
  },
  features: {
    attestClientAuth: {
      enabled: true,
      ack: 'draft-12',
      challengeSecret: randomBytes(32),
      getAttestationSignaturePublicKey: () => createPublicKey({ key: attester, format: 'jwk' }),
      assertAttestationJwtAndPop: () => {},
    },
    backchannelLogout: enabled,
    claimsParameter: enabled,
    dPoP: { enabled: true, nonceSecret: randomBytes(32) },
    encryption: enabled,
    jwtIntrospection: enabled,
    jwtResponseModes: enabled,
    jwtUserinfo: enabled,
    mTLS,
    registration: enabled,
    requestObjects: enabled,
  },
  jwks: {
    keys: [
      rsa({ kid: 'rsa', use: 'sig' }), ec('P-256', { kid: 'p256', use: 'sig' }), ec('P-384', { kid: 'p384', use: 'sig' }),
      ec('P-521', { kid: 'p521', use: 'sig' }), key('ed25519', {}, { kid: 'ed25519', use: 'sig' }),
      ...postQuantum.map((alg) => key(alg.toLowerCase(), {}, { kid: alg, use: 'sig', alg })),
      rsa({ kid: 'rsa-enc', use: 'enc' }), ec('P-256', { kid: 'p256-enc', use: 'enc' }),
    ],
  },
  responseTypes: [
    'code', 'code id_token', 'code token', 'code id_token token', 'id_token', 'id_token token', 'none',
  ],
});

// FAPI 2.0 with Message Signing: pushed and signed requests, signed responses, bound tokens, and few algorithms. A proof
// of possession needs a nonce here.
export const fapi = (front) => {
  const few = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];
  return {
    clientAuthMethods: ['private_key_jwt', 'tls_client_auth'],
    discovery: { mtls_endpoint_aliases: aliases(front) },
    enabledJWA: {
      authorizationSigningAlgValues: few,
      clientAuthSigningAlgValues: few,
      idTokenSigningAlgValues: few,
      introspectionSigningAlgValues: few,
      requestObjectSigningAlgValues: few,
      userinfoSigningAlgValues: few,
    },
    features: {
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      fapi: { enabled: true, profile: '2.0' },
      jwtIntrospection: enabled,
      jwtResponseModes: enabled,
      mTLS,
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      registration: enabled,
      requestObjects: { enabled: true, requireSignedRequestObject: true },
    },
    jwks: { keys: [rsa({ kid: 'ps', use: 'sig', alg: 'PS256' }), ec('P-256', { kid: 'es', use: 'sig', alg: 'ES256' })] },
    responseTypes: ['code'],
  };
};
