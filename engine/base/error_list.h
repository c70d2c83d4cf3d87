// Every error simdjwt can answer with, one line each: the single source for base/error.h, the C API and docs/errors.md.
//
// SIMDJWT_ERROR_LIST(X) expands X(name, category, reason, text). The number of an error is (category << 8) | reason;
// numbers are never reused and never change meaning. `text` is one line of printable ASCII without '"' or '\', so that
// it can stand in an error_description (RFC 6750 §3) as it is.
#pragma once

// clang-format off
#define SIMDJWT_ERROR_LIST(X) \
  /* 0x01 request: the request around the token (RFC 6750 §3.1 invalid_request) */ \
  X(credentials_missing,     request, 0x01, "the request carries no bearer token") \
  X(request_malformed,       request, 0x02, "the Authorization header is not 'Bearer' and one token") \
  /* 0x02 token: the token itself (RFC 6750 §3.1 invalid_token) */ \
  X(token_too_large,         token, 0x01, "the token is longer than the configured limit") \
  X(token_segments,          token, 0x02, "a compact JWS has exactly two dots") \
  X(token_empty_segment,     token, 0x03, "a segment of the token is empty") \
  X(base64url_character,     token, 0x04, "a character is outside the base64url alphabet (padding is not allowed)") \
  X(base64url_length,        token, 0x05, "no byte string has a base64url encoding of this length") \
  X(base64url_trailing_bits, token, 0x06, "the unused bits of the last base64url character are not zero") \
  X(json_syntax,             token, 0x10, "the JSON text breaks the grammar") \
  X(json_end,                token, 0x11, "the JSON text is cut short or something follows it") \
  X(json_utf8,               token, 0x12, "the JSON text is not valid UTF-8, or starts with a byte order mark") \
  X(json_string,             token, 0x13, "a JSON string has a bad escape, a lone surrogate or a control character") \
  X(json_number,             token, 0x14, "a JSON number breaks the grammar") \
  X(json_duplicate_member,   token, 0x15, "a JSON object has two members of one name") \
  X(json_too_deep,           token, 0x16, "the JSON text is nested deeper than the limit") \
  X(json_too_many_members,   token, 0x17, "the JSON text has more members or elements than the limit") \
  X(json_not_an_object,      token, 0x18, "the JSON text is not an object") \
  X(header_alg_missing,      token, 0x20, "the JOSE header has no alg") \
  X(header_member_type,      token, 0x21, "a member of the JOSE header has the wrong type") \
  X(header_crit,             token, 0x22, "the JOSE header has a crit that is empty, malformed or names an unsupported extension") \
  X(header_b64,              token, 0x23, "an unencoded payload (b64 false) is never valid in a JWT") \
  X(kid_too_long,            token, 0x24, "the kid is longer than the limit") \
  X(alg_none,                token, 0x25, "unsecured tokens (alg none) are never accepted") \
  X(alg_unknown,             token, 0x26, "the alg is not a registered signature algorithm") \
  X(alg_not_allowed,         token, 0x27, "the alg is not on the policy's list") \
  X(typ_missing,             token, 0x28, "the policy expects a typ and the JOSE header has none") \
  X(typ_mismatch,            token, 0x29, "the typ is not one the policy expects") \
  X(unsupported_algorithm,   token, 0x2a, "the linked OpenSSL does not have this algorithm") \
  X(key_unknown,             token, 0x30, "no key of the issuer matches the token") \
  X(key_alg_mismatch,        token, 0x31, "the key may not be used with the alg of the token") \
  X(signature_length,        token, 0x40, "the signature does not have the length its alg and key call for") \
  X(signature_range,         token, 0x41, "a number in the signature is out of its range") \
  X(signature_invalid,       token, 0x42, "the signature does not verify") \
  X(claim_type,              token, 0x50, "a claim has the wrong type") \
  X(claim_range,             token, 0x51, "a NumericDate does not fit 64 bits") \
  X(claim_missing,           token, 0x52, "a required claim is missing") \
  X(claim_mismatch,          token, 0x53, "a claim does not have the value the policy expects") \
  X(claim_unexpected,        token, 0x54, "a claim is neither expected nor ignored by the policy") \
  X(iss_missing,             token, 0x55, "the token has no iss") \
  X(iss_unknown,             token, 0x56, "the iss is not one the policy knows") \
  X(aud_missing,             token, 0x57, "the token has no aud") \
  X(aud_mismatch,            token, 0x58, "the aud does not name this resource") \
  X(exp_missing,             token, 0x59, "the token has no exp") \
  X(token_expired,           token, 0x5a, "the token has expired") \
  X(token_not_yet_valid,     token, 0x5b, "the token is not valid yet") \
  X(iat_in_future,           token, 0x5c, "the token was issued in the future") \
  X(token_too_old,           token, 0x5d, "the token was issued longer ago than the policy allows") \
  X(azp_mismatch,            token, 0x5e, "the authorized party is missing or is not this client") \
  X(nonce_mismatch,          token, 0x5f, "the nonce is missing or is not the one that was sent") \
  X(binding_missing,         token, 0x60, "the token is bound to a key and the request does not prove its possession") \
  X(token_lives_too_long,    token, 0x61, "the token may be used once and expires later than the policy allows such a token to") \
  X(token_replayed,          token, 0x62, "the token may be used once and has been used") \
  /* 0x03 scope (RFC 6750 §3.1 insufficient_scope) */ \
  X(insufficient_scope,      scope, 0x01, "the token lacks a scope the request needs") \
  /* 0x04 keys: never blamed on the token */ \
  X(keys_unavailable,        keys,  0x01, "no key set of the issuer has been published yet") \
  /* 0x05 store: what has been used cannot be looked up or recorded; never blamed on the token */ \
  X(store_full,              store, 0x01, "the replay store has no room for another token") \
  X(store_quota,             store, 0x02, "the issuer's share of the replay store is taken") \
  X(store_forgot,            store, 0x03, "the token may have been used and forgotten: the clock went back, or leeway has grown") \
  X(store_unavailable,       store, 0x04, "the use of the token could not be recorded") \
  X(store_unconfirmed,       store, 0x05, "the use of the token is recorded here and waits for the fleet to confirm it") \
  /* 0x06 caller: a mistake in the calling program, or a resource it ran out of */ \
  X(invalid_argument,        caller, 0x01, "an argument is null, out of range or belongs to another validator") \
  X(struct_size_unknown,     caller, 0x02, "a struct_size is not one this library knows") \
  X(scratch_in_use,          caller, 0x03, "the scratch is in use by another call") \
  X(scratch_too_small,       caller, 0x04, "the scratch was made for shorter tokens than the policy now allows") \
  X(out_of_memory,           caller, 0x05, "memory ran out") \
  X(crypto_failure,          caller, 0x06, "OpenSSL failed for a reason that is not the signature") \
  X(buffer_too_small,        caller, 0x07, "the output buffer is too small") \
  X(not_found,               caller, 0x08, "there is nothing of that name or index") \
  /* 0x07 policy: a policy document that was refused */ \
  X(policy_json,             policy, 0x01, "the policy document is not strict JSON") \
  X(policy_member_unknown,   policy, 0x02, "the policy document has a member the schema does not know") \
  X(policy_member_missing,   policy, 0x03, "the policy document lacks a member") \
  X(policy_member_type,      policy, 0x04, "a member of the policy document has the wrong type") \
  X(policy_member_value,     policy, 0x05, "a member of the policy document has a value that is not allowed") \
  X(policy_issuer_repeated,  policy, 0x06, "two rules of the policy document name one issuer") \
  X(policy_reserved,         policy, 0x07, "a member of the policy document is reserved for a feature this version does not have") \
  X(policy_too_large,        policy, 0x08, "the policy document is longer than the limit") \
  X(policy_jwks,             policy, 0x09, "the inline key set of a rule has no usable key") \
  /* 0x08 jwk: a key set, or one key of it, that was refused */ \
  X(jwks_json,               jwk, 0x01, "the key set is not strict JSON") \
  X(jwks_shape,              jwk, 0x02, "the document is neither a JWK Set nor a JWK") \
  X(jwks_too_large,          jwk, 0x03, "the key set is longer than the limit or has too many keys") \
  X(jwk_duplicate_member,    jwk, 0x10, "the JWK has two members of one name") \
  X(jwk_member_missing,      jwk, 0x11, "the JWK lacks a member its kty needs") \
  X(jwk_member_type,         jwk, 0x12, "a member of the JWK has the wrong type") \
  X(jwk_member_encoding,     jwk, 0x13, "a member of the JWK is not canonical base64url") \
  X(jwk_kty_unknown,         jwk, 0x14, "the kty is not RSA, EC, OKP, oct or AKP") \
  X(jwk_crv_unknown,         jwk, 0x15, "the crv is not one that signs in JOSE") \
  X(jwk_alg_mismatch,        jwk, 0x16, "the alg of the JWK is not one its kty, crv or size can verify") \
  X(jwk_use,                 jwk, 0x17, "the use of the JWK is not sig") \
  X(jwk_key_ops,             jwk, 0x18, "the key_ops of the JWK lack verify, repeat a value or contradict its use") \
  X(jwk_kid_too_long,        jwk, 0x19, "the kid of the JWK is longer than the limit") \
  X(jwk_kid_ambiguous,       jwk, 0x1a, "another key of the set has this kid and may be the one that is meant") \
  X(jwk_mixed_set,           jwk, 0x1b, "a symmetric key stands in a set with public keys") \
  X(jwk_rsa_modulus,         jwk, 0x20, "the RSA modulus is not odd, not 2048 to 8192 bits or has leading zeros") \
  X(jwk_rsa_exponent,        jwk, 0x21, "the RSA exponent is even, below 3, 2^32 or more, or has leading zeros") \
  X(jwk_rsa_weak,            jwk, 0x22, "the RSA modulus has the fingerprint of a known weak generator (ROCA)") \
  X(jwk_ec_length,           jwk, 0x23, "an EC coordinate does not have exactly the length of its curve") \
  X(jwk_ec_point,            jwk, 0x24, "the EC point is not on its curve or a coordinate is not reduced") \
  X(jwk_okp_length,          jwk, 0x25, "the OKP key does not have exactly the length of its curve") \
  X(jwk_okp_point,           jwk, 0x26, "the OKP key is not the canonical encoding of a point on its curve") \
  X(jwk_okp_small_order,     jwk, 0x27, "the OKP key is a point of small order") \
  X(jwk_oct_short,           jwk, 0x28, "the HMAC key is shorter than the hash of its alg") \
  X(jwk_akp_length,          jwk, 0x29, "the AKP key does not have exactly the length its alg calls for") \
  /* 0x09 fetch: why keys could not be fetched; what is wrong with an issuer's endpoint, never with a request */ \
  X(fetch_url,               fetch, 0x01, "the URL is not an absolute https URL") \
  X(fetch_address_private,   fetch, 0x02, "the host is at an address that the policy refuses") \
  X(fetch_resolve,           fetch, 0x03, "the host has no address that the resolver knows") \
  X(fetch_connect,           fetch, 0x04, "no connection to the host was made") \
  X(fetch_tls,               fetch, 0x05, "the TLS handshake failed or the certificate is not the host's") \
  X(fetch_deadline,          fetch, 0x06, "the answer did not come in time") \
  X(fetch_reset,             fetch, 0x07, "the connection ended before the answer did") \
  X(fetch_http,              fetch, 0x08, "the answer is not HTTP/1.1 or breaks its grammar") \
  X(fetch_status,            fetch, 0x09, "the answer has a status other than 200 and 304") \
  X(fetch_redirect,          fetch, 0x0a, "a redirect leads to another origin or nowhere, or there are too many") \
  X(fetch_header_too_large,  fetch, 0x0b, "the header of the answer is longer than the limit") \
  X(fetch_body_too_large,    fetch, 0x0c, "the body of the answer is longer than the limit") \
  X(fetch_encoding,          fetch, 0x0d, "the answer has a content coding that was not asked for") \
  X(fetch_metadata,          fetch, 0x0e, "the issuer's metadata are no strict JSON object or lack jwks_uri") \
  X(fetch_issuer,            fetch, 0x0f, "the metadata are those of another issuer") \
  X(fetch_no_keys,           fetch, 0x10, "the answer is no key set, or one without a usable key") \
  X(fetch_budget,            fetch, 0x11, "the requests of this minute for the host are spent") \
  X(fetch_state_file,        fetch, 0x12, "a kept key set is damaged, too old or cannot be written") \
  X(fetch_proxy,             fetch, 0x13, "the proxy refused or broke the connection") \
  /* 0x0a journal: why a journal of used tokens cannot be opened or written */ \
  X(journal_directory,       journal, 0x01, "the journal's directory cannot be made, opened or written") \
  X(journal_in_use,          journal, 0x02, "another process writes to the journal") \
  X(journal_key,             journal, 0x03, "the journal's key is missing, damaged or readable by others") \
  X(journal_format,          journal, 0x04, "a file of the journal is of another version or not one of its files") \
  X(journal_write,           journal, 0x05, "a record could not be written to the disk") \
  /* 0x0b fleet: why gateways cannot share what has been used */ \
  X(fleet_address,           fleet, 0x01, "a node of the fleet is not host:port, or has no address") \
  X(fleet_key,               fleet, 0x02, "the fleet's key file is missing, malformed or readable by others") \
  X(fleet_connect,           fleet, 0x03, "no connection to a node was made") \
  X(fleet_auth,              fleet, 0x04, "a node refused the user or the password") \
  X(fleet_protocol,          fleet, 0x05, "a node answered what its protocol does not allow") \
  X(fleet_deadline,          fleet, 0x06, "a node did not answer in time") \
  X(fleet_closed,            fleet, 0x07, "a connection ended before the answer came") \
  X(fleet_read_only,         fleet, 0x08, "no node that was reached takes writes") \
  X(fleet_backlog,           fleet, 0x09, "too many checks wait for the fleet")
// clang-format on
