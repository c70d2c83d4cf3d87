// jsonwebtoken with a KeyObject made once. "decode" is its decode with the header.
import jwt from 'jsonwebtoken';

import { accepts, nodeCrypto, serve, Unsupported, versionOf } from './contestant.mjs';

function prepare(material, alg, tokenCase) {
  if (alg === 'Ed25519') throw new Unsupported('has no EdDSA');
  const token = material.token(alg, tokenCase);
  if (tokenCase === 'decode') return () => jwt.decode(token, { complete: true }) !== null;
  const key = material.keyObject(alg);
  const options = { algorithms: [alg], issuer: material.issuer, audience: material.audience };
  return accepts(() => jwt.verify(token, key, options));
}

await serve('jsonwebtoken', versionOf('jsonwebtoken'), nodeCrypto, 'KeyObject made once', prepare);
