// A contestant of the side-by-side measurement: one long-lived process that validates the same tokens as all others.
//
//   CONTESTANT MATERIAL_DIR      the folder that bench_material has filled
//
// It greets with one line, {"name":...,"version":...,"crypto":...,"note":...}, then answers each line of its input with
// one line:
//
//   {"alg":"ES256","case":"accept","ms":60}     validate the token of that case for about that many milliseconds
//   {"alg":"ES256","case":"accept","count":100} or exactly that many times
//   -> {"ns":NANOSECONDS_PER_TOKEN,"count":N,"answer":"ok"|"reject"|"unsteady"}, or {"unsupported":"why"}
//
// The cases are accept, forged, expired, and decode: what comes before the signature, without it. A validation whose
// answer differs from the first one's makes the answer "unsteady". Between two lines a contestant sleeps on its input.
// Thread-safety: one thread. Cost: the clock is read once in a batch of 20 microseconds or more, or of one token.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace simdjwt::peers {

// What the material says; every file of an algorithm is read through file().
struct Material {
  std::string folder;
  std::string issuer;
  std::string audience;

  explicit Material(std::string path);

  // The bytes of FOLDER/ALG/NAME; ends the program when there is no such file.
  std::string file(std::string_view alg, std::string_view name) const;
  // The token of a case with that typ, "at+jwt" or "JWT"; "decode" is the accepted one.
  std::string token(std::string_view alg, std::string_view token_case, std::string_view typ) const;
};

// One validation of one token; true when it is accepted. Keys are parsed before, where the library permits it.
using Validation = std::function<bool()>;

// Thrown by a Prepare: this library cannot do that.
struct Unsupported {
  std::string why;
};

// Makes the validation of (alg, case).
using Prepare = std::function<Validation(const Material&, const std::string& alg, const std::string& token_case)>;

struct Introduction {
  std::string name, version;
  std::string crypto;  // whose cryptography it is
  std::string note;    // how it is used here
};

// The program: reads argv, greets, serves its input until the end.
int serve(int argc, char** argv, const Introduction& introduction, const Prepare& prepare);

// Wall-clock seconds: what a validation reads when its library does not read the clock itself.
long long unix_now();

}  // namespace simdjwt::peers
