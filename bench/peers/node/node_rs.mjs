// @node-rs/jsonwebtoken: Rust's jsonwebtoken (over ring) for node. Its API takes the key as text, so it parses the PEM
// each time. It decodes no payload without verifying.
import { verifySync } from '@node-rs/jsonwebtoken';

import { accepts, headerAlg, serve, Unsupported, versionOf } from './contestant.mjs';

function prepare(material, alg, tokenCase) {
  if (tokenCase === 'decode') throw new Unsupported('decodes no payload without verifying');
  const token = material.token(alg, tokenCase);
  const key = alg === 'HS256' ? material.key(alg) : material.key(alg).toString();
  const options = {
    algorithms: [headerAlg(alg)],
    iss: [material.issuer],
    aud: [material.audience],
    leeway: 0,
    validateExp: true,
    validateNbf: true,
  };
  return accepts(() => verifySync(token, key, options));
}

await serve('@node-rs/jsonwebtoken', versionOf('@node-rs/jsonwebtoken'), 'ring', 'Rust; parses the PEM each time', prepare);
