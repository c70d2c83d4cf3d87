// An OpenID provider in memory (oidc-provider), whose signing keys rotate as it is told.
//
// Prints {"issuer"} and listens on loopback. Tokens: POST /token with grant_type=client_credentials, the client app and
// its secret, and resource=https://api.example gives a JWT access token (RFC 9068). Commands on standard input, each
// answered by {"keys": the kids published, "signing": the one that signs}:
//   add        publishes a new key
//   activate   signs with the newest key
//   remove     publishes the newest key alone
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const alg = "ES256";
const resource = "https://api.example";
let keys = []; // the first one signs
let serial = 0;
let answer = (request, response) => response.writeHead(503).end();

async function makeKey() {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  serial += 1;
  return { ...(await exportJWK(privateKey)), kid: `key-${serial}`, alg, use: "sig" };
}

// oidc-provider takes its keys when it is made: a rotation is another one in its place. Its access tokens carry all
// that there is to know, so that none is lost.
function rebuild(issuer) {
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: [
      {
        client_id: "app",
        client_secret: "secret-of-the-app",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: alg,
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: () => ({
          scope: "orders:read",
          audience: resource,
          accessTokenTTL: 600,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg } },
        }),
      },
    },
  });
  answer = provider.callback();
}

const commands = {
  async add() {
    keys.push(await makeKey());
  },
  activate() {
    keys.unshift(keys.pop());
  },
  remove() {
    keys = [keys[0]];
  },
};

const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", async () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  keys = [await makeKey()];
  rebuild(issuer);
  console.log(JSON.stringify({ issuer }));
  for await (const line of createInterface({ input: process.stdin })) {
    await commands[line]();
    rebuild(issuer);
    console.log(JSON.stringify({ keys: keys.map((key) => key.kid), signing: keys[0].kid }));
  }
  process.exit(0);
});
