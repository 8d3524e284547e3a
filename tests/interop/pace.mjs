// Polls that come too soon (RFC 8628, section 3.5): oidc-provider says `authorization_pending` to all of them, so
// `slow_down` is said here. A poll a little early is let through: clocks and networks are not exact.
const INTERVAL = 5; // seconds, the default of RFC 8628, section 3.2
const TOLERANCE = 1;

export function pace(provider) {
  const polls = new Map();
  provider.use(async (ctx, next) => {
    await next();
    const key = ctx.oidc?.params?.device_code ?? ctx.oidc?.params?.auth_req_id;
    if (ctx.body?.error !== 'authorization_pending' || !key) return;
    const now = Date.now() / 1000;
    const { last = -Infinity, interval = INTERVAL } = polls.get(key) ?? {};
    const hasty = now - last < interval - TOLERANCE;
    polls.set(key, { last: now, interval: hasty ? interval + 5 : interval });
    if (hasty) ctx.body = { error: 'slow_down', error_description: 'this poll came too soon' };
  });
}
