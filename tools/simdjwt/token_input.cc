#include "token_input.h"

#include <strings.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "codec/base64url.h"
#include "failure.h"
#include "file.h"
#include "handles.h"
#include "terminal.h"

namespace simdjwt::cli {
namespace {

constexpr std::string_view kScheme = "Bearer ";

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

void decode(Segment& segment, bool is_json) {
  std::string bytes(base64url_decoded_size(segment.text.size()) + 1, '\0');
  const Base64Result result = base64url_decode(segment.text, reinterpret_cast<std::uint8_t*>(bytes.data()));
  segment.encoding = {result.error, result.position};
  if (result.error != Error::ok) return;
  bytes.resize(result.size);
  segment.bytes = std::move(bytes);
  if (is_json) segment.json.emplace(segment.bytes);
}

}  // namespace

void TokenInput::add_to(CLI::App& command) {
  auto* const argument = command.add_option(
      "TOKEN", argument_, "The token, or 'Bearer' and the token; '-' or nothing reads standard input");
  command.add_option("--token-file", file_, "Read the token from a file")->excludes(argument)->type_name("FILE");
}

std::string TokenInput::read() const {
  std::string text = argument_;
  if (text.empty() || text == "-") {
    const std::string source = file_.empty() ? "-" : file_;
    if (source == "-" && is_terminal(STDIN_FILENO)) std::cerr << "reading the token from standard input\n";
    text = read_file(source, kMaxTokenBytes);
  }
  const std::string_view token = trim(text);
  if (token.empty()) throw Failure("no token: give one as an argument, on standard input or with --token-file");
  if (token.size() <= kScheme.size() || ::strncasecmp(token.data(), kScheme.data(), kScheme.size()) != 0) {
    return std::string(token);
  }
  simdjwt_str found{};
  const simdjwt_error error = simdjwt_bearer_token(token.data(), token.size(), &found);
  require_ok(error, "the Authorization header field");
  return std::string(view(found));
}

TokenParts take_apart(std::string_view token) {
  TokenParts parts;
  parts.dots = static_cast<std::size_t>(std::count(token.begin(), token.end(), '.'));
  if (!parts.three()) return parts;
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  parts.header.text = token.substr(0, first);
  parts.payload.text = token.substr(first + 1, second - first - 1);
  parts.signature.text = token.substr(second + 1);
  decode(parts.header, true);
  decode(parts.payload, true);
  decode(parts.signature, false);
  return parts;
}

}  // namespace simdjwt::cli
