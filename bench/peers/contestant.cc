#include "peers/contestant.h"

#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

namespace simdjwt::peers {
namespace {

using Clock = std::chrono::steady_clock;

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

// The value of a member of a flat object that the driver wrote: no escapes, no white space.
std::string member(std::string_view line, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  const auto at = line.find(key);
  if (at == std::string_view::npos) return {};
  std::string_view rest = line.substr(at + key.size());
  if (rest.starts_with('"')) return std::string(rest.substr(1, rest.find('"', 1) - 1));
  return std::string(rest.substr(0, rest.find_first_of(",}")));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

struct Measured {
  double ns = 0;
  long long count = 0;
  bool steady = true;
};

Measured measure(const Validation& validate, bool first, double ms, long long count) {
  Measured found;
  long long batch = count > 0 ? count : 1;
  const auto begin = Clock::now();
  auto before = begin;
  for (;;) {
    for (long long i = 0; i < batch; ++i) found.steady &= validate() == first;
    found.count += batch;
    const auto after = Clock::now();
    found.ns = std::chrono::duration<double, std::nano>(after - begin).count();
    if (count > 0 || found.ns >= ms * 1e6) break;
    if (after - before < std::chrono::microseconds(20)) batch *= 2;
    before = after;
  }
  found.ns /= static_cast<double>(found.count);
  return found;
}

}  // namespace

Material::Material(std::string path) : folder(std::move(path)) {
  const std::string facts = read(folder + "/material.json");
  issuer = member(facts, "issuer");
  audience = member(facts, "audience");
}

std::string Material::file(std::string_view alg, std::string_view name) const {
  return read(folder + "/" + std::string(alg) + "/" + std::string(name));
}

std::string Material::token(std::string_view alg, std::string_view token_case, std::string_view typ) const {
  const std::string name(token_case == "decode" ? "accept" : token_case);
  return file(alg, name + (typ == "JWT" ? ".jwt.token" : ".at.token"));
}

int serve(int argc, char** argv, const Introduction& introduction, const Prepare& prepare) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s MATERIAL_DIR\n", argv[0]);
    return 2;
  }
  const Material material(argv[1]);
  std::printf("{\"name\":\"%s\",\"version\":\"%s\",\"crypto\":\"%s\",\"note\":\"%s\"}\n",
              escaped(introduction.name).c_str(), escaped(introduction.version).c_str(),
              escaped(introduction.crypto).c_str(), escaped(introduction.note).c_str());
  std::fflush(stdout);
  std::map<std::pair<std::string, std::string>, Validation> prepared;
  for (std::string line; std::getline(std::cin, line);) {
    const std::string alg = member(line, "alg"), token_case = member(line, "case");
    try {
      Validation& validate = prepared[{alg, token_case}];
      if (!validate) validate = prepare(material, alg, token_case);
      const bool first = validate();
      const Measured found =
          measure(validate, first, std::atof(member(line, "ms").c_str()), std::atoll(member(line, "count").c_str()));
      std::printf("{\"ns\":%.1f,\"count\":%lld,\"answer\":\"%s\"}\n", found.ns, found.count,
                  !found.steady ? "unsteady"
                  : first       ? "ok"
                                : "reject");
    } catch (const Unsupported& cannot) {
      std::printf("{\"unsupported\":\"%s\"}\n", escaped(cannot.why).c_str());
    }
    std::fflush(stdout);
  }
  return 0;
}

long long unix_now() {
  return static_cast<long long>(time(nullptr));
}

}  // namespace simdjwt::peers
