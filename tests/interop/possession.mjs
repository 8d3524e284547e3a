// Tokens that are good for who has a key alone, as a resource server looks at them: the key of a TLS certificate
// (RFC 8705, section 3), or of a proof by ES256 (RFC 9449, section 4.3), which must have this server's own nonce.
import { createPublicKey, hash, randomUUID, verify } from 'node:crypto';

import { certificateOf } from './signed.mjs';

export const nonce = randomUUID();

// What is wrong with how a token was brought by this scheme, in the words of RFC 6750 and RFC 9449; nothing where it is
// not bound, or bound and proven.
export function faultOf(token, scheme, text, request, address) {
  const thumbprint = token['x5t#S256'];
  if (thumbprint && digest(certificateOf(request)?.raw ?? '') !== thumbprint) return 'invalid_token';
  if (!token.jkt) return scheme === 'bearer' ? undefined : 'invalid_token';
  if (scheme !== 'dpop') return 'invalid_token';
  const proof = proven(request.headers.dpop ?? '');
  if (!proof || proof.jkt !== token.jkt) return 'invalid_dpop_proof';
  const { htm, htu, ath, nonce: known } = proof.claims;
  if (htm !== request.method || htu !== address || ath !== digest(text)) return 'invalid_dpop_proof';
  return known === nonce ? undefined : 'use_dpop_nonce';
}

function proven(proof) {
  const [header, payload, signature] = proof.split('.');
  if (!signature) return undefined;
  const { typ, alg, jwk } = parsed(header);
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  const holds = typ === 'dpop+jwt' && alg === 'ES256'
    && verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
  const { crv, kty, x, y } = jwk; // RFC 7638, section 3
  return holds ? { claims: parsed(payload), jkt: digest(JSON.stringify({ crv, kty, x, y })) } : undefined;
}

const digest = (text) => hash('sha256', text, 'base64url');
const parsed = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());
