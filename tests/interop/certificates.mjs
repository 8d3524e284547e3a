// The certificates of the TLS fronts and of the clients that come there, made afresh by `openssl` for each run.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const extensions = `
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1
[client]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = clientAuth
subjectAltName = DNS:client.example
`;

// `authority` is trusted by both sides; `server` and `client` are of it; `self_signed` is nobody's but its own.
// Each is PEM: the certificate, and its key.
export function certificates() {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const file = (name) => join(folder, name);
  writeFileSync(file('extensions'), extensions);
  const make = (name, kind, ...by) => {
    execFileSync('openssl', [
      'req', '-x509', '-config', file('extensions'), '-extensions', kind, '-subj', `/CN=${name}`, '-days', '2',
      '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc',
      '-keyout', file(`${name}.key`), '-out', file(name), ...by,
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    return { certificate: readFileSync(file(name), 'utf8'), key: readFileSync(file(`${name}.key`), 'utf8') };
  };
  try {
    const authority = make('authority', 'authority');
    const by = ['-CA', file('authority'), '-CAkey', file('authority.key')];
    return {
      authority,
      server: make('server', 'server', ...by),
      client: make('client', 'client', ...by),
      self_signed: make('self_signed', 'client'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
