// oidc-provider's storage contract on one Map per server. Unlike its own quick-start adapter it never drops an entry to
// stay small: a token that is gone was revoked or has expired. Consumed entries stay, so that reuse is noticed.
// `lifetimes` has the models whose entries are gone sooner than the server says, in seconds.
export function memory(lifetimes = {}) {
  const entries = new Map();

  return class Memory {
    constructor(model) {
      this.model = model;
    }

    key(id) {
      return `${this.model}:${id}`;
    }

    * own() {
      for (const [key, entry] of entries) {
        if (key.startsWith(`${this.model}:`)) yield [key, entry];
      }
    }

    first(property, value) {
      for (const [, entry] of this.own()) {
        if (entry[property] === value) return entry;
      }
      return undefined;
    }

    async upsert(id, payload) {
      entries.set(this.key(id), payload);
      const lifetime = lifetimes[this.model];
      if (lifetime) setTimeout(() => entries.delete(this.key(id)), lifetime * 1000).unref();
    }

    async find(id) {
      return entries.get(this.key(id));
    }

    async findByUid(uid) {
      return this.first('uid', uid);
    }

    async findByUserCode(userCode) {
      return this.first('userCode', userCode);
    }

    async consume(id) {
      entries.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
    }

    async destroy(id) {
      entries.delete(this.key(id));
    }

    async revokeByGrantId(grantId) {
      for (const [key, entry] of [...this.own()]) {
        if (entry.grantId === grantId) entries.delete(key);
      }
    }
  };
}
