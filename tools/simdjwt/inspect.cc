// simdjwt inspect: what a token says, decoded but not verified. It never says that anything is valid.
#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "failure.h"
#include "json_writer.h"
#include "terminal.h"
#include "text.h"
#include "time_text.h"
#include "token_input.h"

namespace simdjwt::cli {
namespace {

struct Options {
  TokenInput token;
  std::optional<std::int64_t> now;
  bool json = false;
};

constexpr std::string_view kWarning = "NOT VERIFIED: anyone can write these values; nothing here has been checked";

// RFC 7519 §4.1, and the two of OpenID Connect Core that are NumericDates too.
bool is_numeric_date(const JsonNode& claim) {
  constexpr std::array<std::string_view, 5> kNames{"exp", "nbf", "iat", "auth_time", "updated_at"};
  for (const std::string_view name : kNames) {
    if (claim.name == name) return claim.kind == JsonKind::number;
  }
  return false;
}

class PrettyPrinter {
 public:
  PrettyPrinter(const JsonDocument& document, const Style& style, std::optional<std::int64_t> now)
      : document_(document), style_(style), now_(now) {}

  std::string text() {
    value(document_.nodes()[0], 1);
    return out_ + "\n";
  }

 private:
  // Recursion is bounded: the reader refuses more than 64 levels.
  void value(const JsonNode& node, std::size_t depth) {
    if (node.kind == JsonKind::string) {
      out_ += quote(node.text);
    } else if (node.kind == JsonKind::object || node.kind == JsonKind::array) {
      container(node, depth);
    } else {
      out_ += node.json;
    }
  }

  void container(const JsonNode& node, std::size_t depth) {
    const bool object = node.kind == JsonKind::object;
    const auto children = document_.children(&node);
    out_ += object ? '{' : '[';
    for (std::size_t i = 0; i < children.size(); ++i) {
      out_ += "\n" + std::string(depth * 2, ' ');
      if (object) out_ += style_.strong(quote(children[i]->name)) + ": ";
      value(*children[i], depth + 1);
      if (i + 1 < children.size()) out_ += ',';
      if (now_ && depth == 1 && is_numeric_date(*children[i])) date(*children[i]);
    }
    if (!children.empty()) out_ += "\n" + std::string((depth - 1) * 2, ' ');
    out_ += object ? '}' : ']';
  }

  void date(const JsonNode& claim) { out_ += "  " + style_.faint("(" + numeric_date_text(claim.json, *now_) + ")"); }

  const JsonDocument& document_;
  const Style& style_;
  std::optional<std::int64_t> now_;
  std::string out_;
};

// The stable name of what is wrong with a segment, or ok; and where in the segment, or in its JSON, it is.
struct Problem {
  Error error = Error::ok;
  std::size_t position = 0;
};

Problem problem_of(const Segment& segment, bool is_json) {
  if (segment.text.empty()) return {Error::token_empty_segment, 0};
  if (segment.encoding.error != Error::ok) return {segment.encoding.error, segment.encoding.position};
  if (is_json && !segment.json->ok()) return {segment.json->error(), segment.json->offset()};
  return {};
}

std::string problem_text(const Problem& problem) {
  return std::string(error_name(problem.error)) + " at byte " + std::to_string(problem.position) + ": " +
         std::string(error_text(problem.error));
}

void describe_json(std::string& out, const char* name, const Segment& segment, const Style& style,
                   std::optional<std::int64_t> now) {
  const Problem problem = problem_of(segment, true);
  out += style.strong(name) + "\n";
  if (problem.error == Error::ok) {
    out += PrettyPrinter(*segment.json, style, now).text();
    return;
  }
  out += "  " + style.bad(problem_text(problem)) + "\n";
  const std::string& bytes = segment.bytes;
  if (!bytes.empty()) out += "  " + count_of(bytes.size(), "byte", "bytes") + ": " + printable(bytes, 512) + "\n";
}

std::string text_report(const TokenParts& parts, std::int64_t now, const Style& style) {
  std::string out = style.warning(kWarning) + "\n\n";
  describe_json(out, "header", parts.header, style, std::nullopt);
  out += "\n";
  describe_json(out, "claims", parts.payload, style, now);
  const Problem problem = problem_of(parts.signature, false);
  out += "\n" + style.strong("signature") + "\n  ";
  out += problem.error == Error::ok ? count_of(parts.signature.bytes.size(), "byte", "bytes") + ", not verified"
                                    : style.bad(problem_text(problem));
  return out + "\n\n" + style.warning("NOT VERIFIED") + ": simdjwt verify says whether to trust it\n";
}

void write_problem(JsonWriter& json, const Problem& problem) {
  json.begin_object().member("error", error_name(problem.error));
  json.member_number("offset", static_cast<std::int64_t>(problem.position)).end_object();
}

void write_segment(JsonWriter& json, const char* name, const Segment& segment) {
  const Problem problem = problem_of(segment, true);
  json.key(name);
  if (problem.error == Error::ok) {
    json.raw(compact_json(segment.json->nodes()[0].json));
  } else {
    json.null().key(std::string(name) + "_error");
    write_problem(json, problem);
  }
}

void write_dates(JsonWriter& json, const Segment& payload, std::int64_t now) {
  json.key("dates").begin_object();
  if (payload.json && payload.json->ok()) {
    for (const JsonNode* claim : payload.json->children()) {
      if (is_numeric_date(*claim)) json.member(claim->name, numeric_date_text(claim->json, now));
    }
  }
  json.end_object();
}

std::string json_report(const TokenParts& parts, std::int64_t now) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("verified", false).member("warning", kWarning);
  write_segment(json, "header", parts.header);
  write_segment(json, "claims", parts.payload);
  write_dates(json, parts.payload, now);
  const Problem problem = problem_of(parts.signature, false);
  json.key("signature_bytes");
  if (problem.error == Error::ok) {
    json.number(static_cast<std::int64_t>(parts.signature.bytes.size()));
  } else {
    json.null().key("signature_error");
    write_problem(json, problem);
  }
  json.end_object();
  return out + "\n";
}

std::string segments_report(const TokenParts& parts, bool as_json) {
  std::string out;
  if (as_json) {
    JsonWriter json(out);
    json.begin_object().member("verified", false).member("warning", kWarning);
    json.member("error", error_name(Error::token_segments));
    json.member_number("dots", static_cast<std::int64_t>(parts.dots)).end_object();
    return out + "\n";
  }
  out = std::string(kWarning) + "\n\n" + std::string(error_name(Error::token_segments)) + ": " +
        std::string(error_text(Error::token_segments)) + "; this has " + count_of(parts.dots, "dot", "dots") + "\n";
  if (parts.dots == 4)
    out += "five segments are a JWE (RFC 7516 §7.1): an encrypted token, which only its reader can open\n";
  return out;
}

int run(const Options& options) {
  const std::string token = options.token.read();
  const TokenParts parts = take_apart(token);
  const std::int64_t now = options.now ? *options.now : wall_clock();
  if (!parts.three()) {
    print(segments_report(parts, options.json));
    return kExitRejected;
  }
  print(options.json ? json_report(parts, now) : text_report(parts, now, style_for(1)));
  const bool whole = problem_of(parts.header, true).error == Error::ok &&
                     problem_of(parts.payload, true).error == Error::ok &&
                     problem_of(parts.signature, false).error == Error::ok;
  return whole ? kExitOk : kExitRejected;
}

}  // namespace

void add_inspect(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("inspect", "Decode a token WITHOUT verifying it");
  const auto options = std::make_shared<Options>();
  options->token.add_to(*command);
  command->add_option("--now", options->now, "The time that dates are told from, in Unix seconds")
      ->type_name("SECONDS");
  command->add_flag("--json", options->json, "JSON output");
  command->footer("Exit codes: 0 all of it could be decoded (which says nothing about trust), 1 some of it could not.");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace simdjwt::cli
