// jose: asynchronous, over Web Crypto; the key is imported once. "decode" is its decodeProtectedHeader and decodeJwt.
import * as jose from 'jose';

import { accepts, headerAlg, nodeCrypto, serve, versionOf } from './contestant.mjs';

async function prepare(material, alg, tokenCase) {
  const token = material.token(alg, tokenCase);
  if (tokenCase === 'decode') {
    return accepts(() => {
      jose.decodeProtectedHeader(token);
      jose.decodeJwt(token);
    });
  }
  const key = await jose.importJWK(JSON.parse(material.file(alg, 'public.jwk')), headerAlg(alg));
  const options = { algorithms: [headerAlg(alg)], issuer: material.issuer, audience: material.audience };
  return async () => {
    try {
      await jose.jwtVerify(token, key, options);
      return true;
    } catch {
      return false;
    }
  };
}

await serve('jose', versionOf('jose'), nodeCrypto, 'Web Crypto, asynchronous', prepare, true);
