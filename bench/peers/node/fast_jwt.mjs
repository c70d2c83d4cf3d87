// fast-jwt with the key parsed once and its cache of verified tokens off; `--cache` turns that on.
import { createDecoder, createVerifier } from 'fast-jwt';

import { accepts, headerAlg, nodeCrypto, serve, versionOf } from './contestant.mjs';

const cache = process.argv.includes('--cache');

function prepare(material, alg, tokenCase) {
  const token = material.token(alg, tokenCase);
  if (tokenCase === 'decode') {
    const decode = createDecoder({ complete: true });
    return accepts(() => decode(token));
  }
  const verify = createVerifier({
    key: material.key(alg),
    algorithms: [headerAlg(alg)],
    allowedIss: material.issuer,
    allowedAud: material.audience,
    cache,
  });
  return accepts(() => verify(token));
}

const note = cache ? 'cache of verified tokens on: the same token again' : 'cache off';
await serve(cache ? 'fast-jwt (cache)' : 'fast-jwt', versionOf('fast-jwt'), nodeCrypto, note, prepare);
