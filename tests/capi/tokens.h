/* Made by make_tokens.py: keys and tokens whose verdicts are known. The private keys are gone. */
/* clang-format off */
#ifndef SIMDJWT_TESTS_CAPI_TOKENS_H
#define SIMDJWT_TESTS_CAPI_TOKENS_H

#define TOKENS_NOW INT64_C(1800000000)
#define TOKENS_ISSUER \
  "https://as.example"
#define TOKENS_AUDIENCE \
  "https://api.example"
/* One issuer whose keys are published. */
#define TOKENS_POLICY \
  "{\"version\":1,\"issuers\":[{\"issuer\":\"https://as.example\",\"profile\":\"access-token\",\"audiences" \
  "\":[\"https://api.example\"]}]}"
/* Keys a, b, r and e. */
#define TOKENS_JWKS \
  "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\",\"alg\":\"ES256\",\"use\":\"sig\",\"crv\":\"P-256\",\"x\":\"ASPd3793L369VX" \
  "fbwzu26PNA6TMaTErwCR_r7hlx5WM\",\"y\":\"71ynucQA0_8CgTHlXW5oBe-vuAhcksMePpWtgV_bGv0\"},{\"kty\":\"" \
  "EC\",\"kid\":\"b\",\"alg\":\"ES256\",\"use\":\"sig\",\"crv\":\"P-256\",\"x\":\"Cv0ERgxm76lb-JWpvkMZs_HkHzRJTpb" \
  "ZIMZk7UTnl9s\",\"y\":\"D7VhrsTe0xWPmNRliuobU7xcf8z7-4SAcD3vOW2-lMc\"},{\"kty\":\"RSA\",\"kid\":\"r\",\"a" \
  "lg\":\"RS256\",\"use\":\"sig\",\"n\":\"uf0k7eCoXnH8OBoWeeCMRnumyD7IUCTsbvLYqEcc0hPOAgCETLQgBiMWzy6S5" \
  "eN-cS_F0FHSJ8begEFKQTydpohJESZJfXyV2eJxG_YRto_ALMDIMmnjC7KyQeSwORInzAmZy6nO4HdgPPfWRu9xEGc" \
  "2Or5x75tjgeZYzm6YgA58NSrpjV2SKTcmIJIot00rJ9JwlhQ9aO-2jojDKxHIPDy7RIXRYR5X6hyh9PKfGCs9Bl-Ne" \
  "ma9hJFx1HwRRyzQVVssyWWQciRmBu9d7sp7_L-WQgK9hLbYkXRy-jFJ1zboUVcJQEhc6DXgSr-UMQo6u5upsyP-UT9" \
  "m-qqlWyNLnw\",\"e\":\"AQAB\"},{\"kty\":\"OKP\",\"kid\":\"e\",\"alg\":\"Ed25519\",\"use\":\"sig\",\"crv\":\"Ed25519" \
  "\",\"x\":\"int9hUNfuQAJQBI0Fdmwvo2o2OcYWA-ZgiOQdm_isfY\"}]}"
#define TOKENS_JWKS_A \
  "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\",\"alg\":\"ES256\",\"use\":\"sig\",\"crv\":\"P-256\",\"x\":\"ASPd3793L369VX" \
  "fbwzu26PNA6TMaTErwCR_r7hlx5WM\",\"y\":\"71ynucQA0_8CgTHlXW5oBe-vuAhcksMePpWtgV_bGv0\"}]}"
#define TOKENS_JWKS_B \
  "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"b\",\"alg\":\"ES256\",\"use\":\"sig\",\"crv\":\"P-256\",\"x\":\"Cv0ERgxm76lb-J" \
  "WpvkMZs_HkHzRJTpbZIMZk7UTnl9s\",\"y\":\"D7VhrsTe0xWPmNRliuobU7xcf8z7-4SAcD3vOW2-lMc\"}]}"
/* Key h, for HMAC: it protects nothing. */
#define TOKENS_JWKS_MAC \
  "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"h\",\"alg\":\"HS256\",\"use\":\"sig\",\"k\":\"TXyVCtStdlmPPivG1lhpiglDM_J" \
  "61pFmrsT6pxTeaYY\"}]}"
#define TOKENS_GOOD_A \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSJ9.AWTTRSsdNmaf-eyhDLTVFZ85h0KDZu4q96VBlNXMvtOQsyQ0RM6l2anxdChpOa_1YAoH4Gqh" \
  "1n4VdKPOcja1qw"
/* signed by key b */
#define TOKENS_GOOD_B \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImIifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSJ9.FJA3ZM_xh612naA4c-3fQ9ni3bvtKw6pB_ls1_4DAifXnHuHUtWwKoQapOfL7jA9qHAiaHlV" \
  "LJyU3727ubfCfQ"
#define TOKENS_GOOD_RSA \
  "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSJ9.P3MjKpbwjA4Jt7oXLdM5bo87nxQdW46XzY66A7Afi1s_MkgYGYhfnyb8o6L9qlzDQUZInyRR" \
  "vc9lWzuIA8FQE_RetrKR2JWYey755dKkaNRTUNF9N6EecEQSFGY8oBWk3BEaXeKjNwhvnMnI3lvF0wYbxh7xQe2qeg" \
  "3ERwwEFRPS2XyxT5uuP-0j89AkXVEPFob0vTRyNVCwfav8TlbuQo8P849603O5GN_GrtD9nqjcQuhDAJouVUm8Zng4" \
  "UsFtgKDOTTK9wcHZkIZuonM_ZmUIs26TAZeMtgNSHDzb8PmSA6TvXZJtvl8ld2SNNQjIO0_RfnOgG01PKx2p3HtyRg"
#define TOKENS_GOOD_ED25519 \
  "eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiYXQrand0Iiwia2lkIjoiZSJ9.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wb" \
  "GUiLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI" \
  "6MTc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlI" \
  "joicmVhZCB3cml0ZSJ9.o9XEzkOfeZ0i5XfJn3dp8S_CUk2eNZIEei0xbIYV-0Iuxx6NXI_4UYTF9XukW1B7930Iwx" \
  "kQnObRxQ7IhPmbBQ"
/* signed by key b under the kid of key a */
#define TOKENS_FORGED \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSJ9.0xXHujL7B6-o5PRGpbtQ1XqMwgz6NY7MavQyUc3oXpl0khiLiCJYlGWx35wT8qsV9dzqGmV8" \
  "NCMdqhWOTGJJbA"
#define TOKENS_UNKNOWN_KID \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6Inp6In0.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbG" \
  "UiLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6" \
  "MTc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIj" \
  "oicmVhZCB3cml0ZSJ9.6UaYfQ3ZEcfLTc_FJgU7KIvf_Yg8SDlKAVRCbL-vQpry4NYtBbR3TEC-WgCTFZ293Ho8Tns" \
  "-3Ejxv-uHAima1Q"
#define TOKENS_EXPIRED \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE3OTk5OTk5OTAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSJ9.RM031ZKebWMSJn76lnajZfhNVQQ4OFSv_6Kz06r7vBv6mnaqrE66kZ_HuoTyGf-wIMucp__G" \
  "7jQ3-X3-y3aVBw"
#define TOKENS_NOT_YET \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "TgwMDAwMDYwMCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSJ9.CZJ9Z-2KbNvV9TWj-lGB0G3fTZI27vPoDRi4nGJu5PF92OjbSzOshVZ0oiUTUcJsp7pyippu" \
  "ujTq4aRWrLF2oQ"
#define TOKENS_FROM_FUTURE \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxODAwMDAwNjAwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSJ9.o8dJh0Nzko86KRn8OvHh9u9B0bf-QGEulswldZXpx-tEUl0a2Wjvsw4sG7O-_GvTeyfRN4PI" \
  "PeRUCCJUT60M_w"
#define TOKENS_WRONG_AUD \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vb3RoZXIuZXhhbXBsZSIsImV4cCI6MTgwMDAwMzYwMCwibmJmI" \
  "joxNzk5OTk5OTQwLCJpYXQiOjE3OTk5OTk5NDAsImp0aSI6Imp0aS0xIiwiY2xpZW50X2lkIjoiYXBwIiwic2NvcGU" \
  "iOiJyZWFkIHdyaXRlIn0.sZ0y762aNTtipO-TZ7OyUHdayroCebajTeSxk-NsCVpgjW6RYK2N8SS4gDdkzqPGjreEi" \
  "FWqnsRILKyBKRDbqQ"
#define TOKENS_WRONG_ISS \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2V2aWwuZXhhbXB" \
  "sZSIsInN1YiI6ImFsaWNlIiwiYXVkIjoiaHR0cHM6Ly9hcGkuZXhhbXBsZSIsImV4cCI6MTgwMDAwMzYwMCwibmJmI" \
  "joxNzk5OTk5OTQwLCJpYXQiOjE3OTk5OTk5NDAsImp0aSI6Imp0aS0xIiwiY2xpZW50X2lkIjoiYXBwIiwic2NvcGU" \
  "iOiJyZWFkIHdyaXRlIn0.DMFvakHeHkGhp0OBCdTBw5_QVUmHKv_uWnMhoyMM6E7JKIo6XWMUjJVimglhPKLvQBTVv" \
  "MoZVXcuUfAm1iTdeA"
#define TOKENS_WRONG_TYP \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUiLCJ" \
  "zdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6MTc5O" \
  "Tk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjoicmV" \
  "hZCB3cml0ZSJ9.dtPqc5JCYIodU9HTKLmyMlqpmL-XC8MVgjnlJfanPA7nk_G9F8-IPu-vGt-AhjqzZHnIgUtP6__o" \
  "mln89-VazA"
#define TOKENS_NO_JTI \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJjbGllbnRfaWQiOiJhcHAiLCJzY29wZSI6InJlYWQgd3JpdGUifQ." \
  "kQfYa6pWoT0YpEKqvxyc67cPBL4f0ll6hIzcysJ1uGcFVGM5UKPPv7yNPIHBUuHYH6un49miTIhcTSSBtR5M7Q"
#define TOKENS_NO_SCOPE \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCJ9.8kB2nEBJyU" \
  "J88E-RjGj2pqTz2bQonikz4d22xtCzx5r8Lw0w0rGd3ZgDBF7yxY86lgnmcdhSoVCIGAFtki6_aA"
/* has cnf */
#define TOKENS_BOUND \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSIsImNuZiI6eyJqa3QiOiIwWmNPQ09SWk5ZeS1EV3BxcTMwalp5SkdIVE4wZDJIZ2xCVjN1aWd1Q" \
  "TRJIn19.8dtzO-_p7PLjTH6M1W3yYQEgOXY_qDIS2AfFeOgV1lmjw4sTvG26xett7F1TRjRvaqRn4BXEbjN1vynaSD" \
  "ob_Q"
/* has nonce n-1 and a claim with an escape, a number, an array, an object, a boolean and null */
#define TOKENS_NONCE \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSIsIm5vbmNlIjoibi0xIiwidGV4dCI6ImFcdTAwZTlcblwiIiwibnVtYmVyIjoxLjUsImxpc3QiO" \
  "lsieCIsInkiXSwibWFwIjp7ImsiOjF9LCJ5ZXMiOnRydWV9.Sk-HdYiUqoAgRDPUGpD8Y3VUtTouhMq_DyQfxv9_lZ" \
  "sjhWFVqRuFfAgm39tpj20qtdcb8-4JqSzaHDOylsmh8g"
/* HS256, signed with key h */
#define TOKENS_MAC \
  "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImgifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGU" \
  "iLCJzdWIiOiJhbGljZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJleHAiOjE4MDAwMDM2MDAsIm5iZiI6M" \
  "Tc5OTk5OTk0MCwiaWF0IjoxNzk5OTk5OTQwLCJqdGkiOiJqdGktMSIsImNsaWVudF9pZCI6ImFwcCIsInNjb3BlIjo" \
  "icmVhZCB3cml0ZSJ9.bFJvpTFFdiZfQ8EFIJncCxHl6HOxeuQQGz7AX_PVdjM"
/* a JWS whose payload is no JSON */
#define TOKENS_JWS \
  "eyJhbGciOiJFUzI1NiIsInR5cCI6InRleHQiLCJraWQiOiJhIn0.YW55IGJ5dGVzIGF0IGFsbA.iSbo2bYB-ieCEJv" \
  "HDvthTQH-NMuuO1Fp4PHXSOeEAFjq_qr6b2BTWeSDzsUP5GdOhd-dY2Eg6KQEQgiVy7s5dA"

#endif
