// Token exchange (RFC 8693), which oidc-provider leaves to a grant of one's own: an access token of a user for one
// that another API takes, in the name of the client that asks.
import { errors } from 'oidc-provider';

export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

const parameters = [
  'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'requested_token_type', 'resource',
  'audience', 'scope',
];

export function registerExchange(provider, resources) {
  provider.registerGrantType(exchangeGrant, (ctx) => exchange(provider, resources, ctx), parameters, ['resource', 'audience']);
}

// `act`, who acts with the token (RFC 8693, section 4.1).
export function actorClaim(ctx) {
  return ctx?.state.actor && { act: { sub: ctx.state.actor } };
}

async function exchange(provider, resources, ctx) {
  const { params, client } = ctx.oidc;
  const subject = await presented(provider, params, 'subject');
  const actor = params.actor_token && await presented(provider, params, 'actor');
  if ((params.requested_token_type ?? accessTokenType) !== accessTokenType) {
    throw new errors.InvalidRequest('no token of this type is issued');
  }

  const [target, ...more] = [params.resource ?? [], params.audience ?? []].flat();
  const resource = target ?? Object.keys(resources)[0];
  if (more.length || !resources[resource]) throw new errors.InvalidTarget('one API of this server must be named');
  const offered = resources[resource].scope.split(' ');
  const scope = (params.scope ?? subject.scope).split(' ').filter((name) => offered.includes(name));
  if (!scope.every((name) => subject.scopes.has(name))) {
    throw new errors.InvalidScope('more than the subject token is good for', params.scope);
  }

  ctx.state.actor = actor?.accountId;
  const grant = new provider.Grant({ accountId: subject.accountId, clientId: client.clientId });
  grant.addResourceScope(resource, scope.join(' '));
  const token = new provider.AccessToken({
    accountId: subject.accountId, client, grantId: await grant.save(), gty: 'token_exchange', scope: scope.join(' '),
  });
  token.resourceServer = new provider.ResourceServer(resource, { ...resources[resource], audience: resource });
  ctx.oidc.entity('AccessToken', token);
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: accessTokenType,
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope,
  };
}

async function presented(provider, params, role) {
  if (params[`${role}_token_type`] !== accessTokenType) {
    throw new errors.InvalidRequest(`no ${role} token of this type is taken`);
  }
  const token = await provider.AccessToken.find(params[`${role}_token`] ?? '');
  if (!token?.isValid) throw new errors.InvalidRequest(`the ${role} token is unknown or has expired`);
  return token;
}
