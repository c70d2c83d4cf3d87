// Makes mldsa.json: one token per ML-DSA parameter set (RFC 9964), signed by @noble/post-quantum with fresh keys.
//
//   cd $(mktemp -d) && npm install @noble/post-quantum && cp .../make_mldsa.mjs . && node make_mldsa.mjs > .../mldsa.json
//
// The context string is empty and the message is signed as it is (pure ML-DSA). Run it again only to change the tokens:
// the file is committed, and its keys are thrown away.
import { readFileSync } from 'node:fs';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';

const now = 1_700_000_000;
const claims = {
  iss: 'https://issuer.example', aud: 'https://api.example', sub: 'alice', exp: now + 3600, iat: now - 60, jti: 'foreign-1',
};
const sets = { 'ML-DSA-44': ml_dsa44, 'ML-DSA-65': ml_dsa65, 'ML-DSA-87': ml_dsa87 };
const manifest = JSON.parse(readFileSync('node_modules/@noble/post-quantum/package.json'));
const base64url = (data) => Buffer.from(data).toString('base64url');
const encode = (value) => base64url(JSON.stringify(value));
const jwk = (alg, kid, pub) => ({ kty: 'AKP', alg, kid, pub: base64url(pub) });

function entry([alg, set]) {
  const kid = `k-${alg.toLowerCase()}`;
  const key = set.keygen(crypto.getRandomValues(new Uint8Array(32)));
  const other = set.keygen(crypto.getRandomValues(new Uint8Array(32)));
  const head = `${encode({ alg, kid, typ: 'JWT' })}.${encode(claims)}`;
  const signature = set.sign(Buffer.from(head), key.secretKey);
  if (!set.verify(signature, Buffer.from(head), key.publicKey)) throw new Error(`${alg} does not verify itself`);
  return {
    id: alg, alg, token: `${head}.${base64url(signature)}`, jwk: jwk(alg, kid, key.publicKey), other_jwk: jwk(alg, kid, other.publicKey),
  };
}

const made = {
  made_with: `@noble/post-quantum ${manifest.version}, Node ${process.versions.node}`,
  made_by: 'make_mldsa.mjs', claims, tokens: Object.entries(sets).map(entry),
};
process.stdout.write(`${JSON.stringify(made, null, 1)}\n`);
