// The protocol of ../contestant.h for libraries of npm: reads MATERIAL_DIR, greets, answers line by line.
import { createPublicKey, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export class Unsupported extends Error {}

/** The version of an installed package. */
export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url))).version;
}

export class Material {
  constructor(folder) {
    this.folder = folder;
    Object.assign(this, JSON.parse(readFileSync(`${folder}/material.json`)));
  }
  file(alg, name) {
    return readFileSync(`${this.folder}/${alg}/${name}`);
  }
  token(alg, tokenCase) {
    return this.file(alg, `${tokenCase === 'decode' ? 'accept' : tokenCase}.at.token`).toString();
  }
  /** The key as text or bytes: the secret of HS256, a PEM of the others. */
  key(alg) {
    return this.file(alg, alg === 'HS256' ? 'secret.bin' : 'public.pem');
  }
  keyObject(alg) {
    return alg === 'HS256' ? createSecretKey(this.key(alg)) : createPublicKey(this.key(alg));
  }
}

/** What node's own cryptography is. */
export const nodeCrypto = `OpenSSL ${process.versions.openssl} of node`;

/** The name of the algorithm in the header. */
export const headerAlg = (alg) => (alg === 'Ed25519' ? 'EdDSA' : alg);

async function measure(validate, isAsync, first, ms, count) {
  let batch = count > 0 ? count : 1;
  let done = 0;
  let steady = true;
  const begin = process.hrtime.bigint();
  let before = begin;
  for (;;) {
    if (isAsync) {
      for (let i = 0; i < batch; ++i) steady = (await validate()) === first && steady;
    } else {
      for (let i = 0; i < batch; ++i) steady = validate() === first && steady;
    }
    done += batch;
    const after = process.hrtime.bigint();
    if (count > 0 || Number(after - begin) >= ms * 1e6) return { ns: Number(after - begin) / done, count: done, steady };
    if (after - before < 20000n) batch *= 2;
    before = after;
  }
}

/**
 * Serves until the input ends. prepare(material, alg, tokenCase) gives a function that validates one token and says
 * whether it is accepted, or a promise of that.
 */
export async function serve(name, version, crypto, note, prepare, isAsync = false) {
  const material = new Material(process.argv[2]);
  const prepared = new Map();
  const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  say({ name, version, crypto, note });
  for await (const line of createInterface({ input: process.stdin })) {
    const { alg, case: tokenCase, ms = 0, count = 0 } = JSON.parse(line);
    try {
      const key = `${alg} ${tokenCase}`;
      if (!prepared.has(key)) prepared.set(key, await prepare(material, alg, tokenCase));
      const validate = prepared.get(key);
      const first = await validate();
      const found = await measure(validate, isAsync, first, ms, count);
      say({ ns: found.ns, count: found.count, answer: !found.steady ? 'unsteady' : first ? 'ok' : 'reject' });
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      say({ unsupported: error.message });
    }
  }
}

/** Wraps a call that throws when it rejects. */
export const accepts = (call) => () => {
  try {
    call();
    return true;
  } catch {
    return false;
  }
};
