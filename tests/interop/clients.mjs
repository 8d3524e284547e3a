// The clients that each server knows from the start, by the names that the scenarios have for them.
import { noVSCHAR } from 'oidc-provider/lib/consts/client_attributes.js';

import { exchangeGrant } from './exchange.mjs';

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
export const backchannelGrant = 'urn:openid:params:grant-type:ciba';

const web = {
  redirect_uris: ['https://app.example/callback', 'https://app.example/callback?tenant=north%20sea'],
  grant_types: ['authorization_code', 'refresh_token'],
  post_logout_redirect_uris: ['https://app.example/bye'],
  authorization_details_types: ['payment'],
};
const native = {
  ...web,
  application_type: 'native', // any port of the loopback redirect is accepted (RFC 8252, section 7.3)
  redirect_uris: ['http://127.0.0.1/callback'],
  token_endpoint_auth_method: 'none',
};
const service = { redirect_uris: [], response_types: [], token_endpoint_auth_method: 'client_secret_basic' };

export const clients = {
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
  television: {
    redirect_uris: [],
    response_types: [],
    client_id: 'television',
    grant_types: [deviceGrant, 'refresh_token'],
    token_endpoint_auth_method: 'none',
  },
  shop: {
    ...service,
    client_id: 'shop',
    client_secret: 'the secret of the shop',
    grant_types: [backchannelGrant, 'refresh_token'],
    backchannel_token_delivery_mode: 'poll',
    backchannel_user_code_parameter: true,
  },
  // A service that calls another one for its caller, or in its own name.
  service: {
    ...service,
    client_id: 'service',
    client_secret: 'the secret of the service',
    grant_types: ['client_credentials', exchangeGrant],
  },
};

// oidc-provider holds client ids and secrets to visible ASCII, as the grammar of RFC 6749, appendix A does. Other
// servers do not, and appendix B encodes any text: so here any text may be registered, and its own decoding stays.
// Every method of a regular expression goes through `exec`.
noVSCHAR.exec = (value) => /[\x00-\x1f\x7f]/.exec(value);
