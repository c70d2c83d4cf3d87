#include "challenge/challenge.h"

#include <algorithm>

namespace simdjwt {
namespace {

// Counts everything, writes what fits.
class Writer {
 public:
  explicit Writer(std::span<char> out) noexcept : out_(out) {}

  void put(std::string_view text) noexcept {
    if (size_ < out_.size()) {
      std::copy_n(text.data(), std::min(text.size(), out_.size() - size_), out_.data() + size_);
    }
    size_ += text.size();
  }

  // An auth-param with a quoted value; no value needs escaping: policy and error texts are checked for that.
  void parameter(std::string_view name, std::string_view value) noexcept {
    open(name);
    put(value);
    close();
  }

  void open(std::string_view name) noexcept {
    put(first_ ? " " : ", ");
    first_ = false;
    put(name);
    put("=\"");
  }
  void close() noexcept { put("\""); }

  std::size_t size() const noexcept { return size_; }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
  bool first_ = true;
};

// Every scope the operation needs (RFC 6750 §3), each once.
void put_scopes(const ChallengeRequest& request, Writer& writer) noexcept {
  const std::span<const std::string> of_rule = request.rule ? std::span<const std::string>(request.rule->scopes)
                                                            : std::span<const std::string>();
  if (of_rule.empty() && request.required_scopes.empty()) return;
  writer.open("scope");
  bool first = true;
  const auto put = [&](std::string_view scope) {
    if (!first) writer.put(" ");
    first = false;
    writer.put(scope);
  };
  for (const std::string& scope : of_rule) put(scope);
  for (auto scope = request.required_scopes.begin(); scope != request.required_scopes.end(); ++scope) {
    const bool said = std::find(of_rule.begin(), of_rule.end(), *scope) != of_rule.end() ||
                      std::find(request.required_scopes.begin(), scope, *scope) != scope;
    if (!said) put(*scope);
  }
  writer.close();
}

}  // namespace

ChallengeResult make_challenge(const ChallengeParameters& parameters, const ChallengeRequest& request,
                               std::span<char> out) noexcept {
  ChallengeResult result{.http_status = error_http_status(request.error)};
  // Only what the client can mend by other credentials is a challenge.
  if (result.http_status != 400 && result.http_status != 401 && result.http_status != 403) return result;
  Writer writer(out);
  writer.put("Bearer");
  if (!parameters.realm.empty()) writer.parameter("realm", parameters.realm);
  // RFC 6750 §3.1: no error code for a request without credentials.
  if (const std::string_view code = error_oauth_code(request.error); !code.empty()) {
    writer.parameter("error", code);
    writer.parameter("error_description", error_text(request.error));
  }
  put_scopes(request, writer);
  if (!parameters.resource_metadata.empty()) writer.parameter("resource_metadata", parameters.resource_metadata);
  result.size = writer.size();
  return result;
}

}  // namespace simdjwt
