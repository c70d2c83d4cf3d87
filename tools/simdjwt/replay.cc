// simdjwt replay: looks into a journal of used tokens, also while a gateway writes to it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "commands.h"
#include "failure.h"
#include "handles.h"
#include "json_writer.h"
#include "replay_fleet.h"
#include "replay_stat.h"
#include "terminal.h"
#include "text.h"
#include "time_text.h"

namespace simdjwt::cli {
namespace {

struct Options {
  std::string directory;
  std::string issuer, jti, per;
  std::int64_t at = 0;
  bool has_at = false, has_per = false;
  bool json = false, text = false;

  std::int64_t time() const { return has_at ? at : wall_clock(); }
  bool as_json() const { return json || (!text && !is_terminal(1)); }
};

int run_stat(const Options& options) {
  const JournalStat stat = read_stat(options.directory, options.time());
  print(options.as_json() ? stat_json(stat) : stat_text(stat, options.time(), style_for(1)));
  return kExitOk;
}

// The latest time until which a fingerprint is to be remembered.
struct Wanted {
  std::array<std::uint8_t, 16> fingerprint{};
  std::int64_t forget_at = SIMDJWT_NO_TIME;
  std::uint32_t damaged = 0;  // files
};

std::uint32_t look_for(void* context, const simdjwt_replay_record* records, std::uint32_t count) {
  auto& wanted = *static_cast<Wanted*>(context);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (std::memcmp(records[i].fingerprint, wanted.fingerprint.data(), wanted.fingerprint.size()) != 0) continue;
    wanted.forget_at = std::max(wanted.forget_at, records[i].forget_at);
  }
  return 0;
}

// The key first, for only with it is a token's fingerprint known.
Wanted find(const Options& options) {
  std::array<std::uint8_t, 16> key{};
  auto nothing = sized<simdjwt_journal_reader>();
  nothing.file = [](void*, const simdjwt_journal_file*) { return std::uint32_t{1}; };
  nothing.records = [](void*, const simdjwt_replay_record*, std::uint32_t) { return std::uint32_t{1}; };
  read_journal(options.directory, nothing, key.data());
  Wanted wanted;
  const simdjwt_str per = options.has_per ? str(options.per) : simdjwt_str{nullptr, 0};
  simdjwt_replay_fingerprint(key.data(), str(options.issuer), per, str(options.jti), wanted.fingerprint.data());
  auto reader = sized<simdjwt_journal_reader>();
  reader.context = &wanted;
  reader.records = look_for;
  reader.file = [](void* context, const simdjwt_journal_file* file) {
    static_cast<Wanted*>(context)->damaged += file->state == 2 ? 1 : 0;
    return std::uint32_t{0};
  };
  read_journal(options.directory, reader, key.data());
  return wanted;
}

int run_check(const Options& options) {
  const Wanted found = find(options);
  const std::int64_t forget_at = found.forget_at;
  const std::uint32_t damaged = found.damaged;
  const bool is_used = forget_at != SIMDJWT_NO_TIME;
  const bool is_past = is_used && forget_at <= options.time();
  std::string out;
  if (options.as_json()) {
    JsonWriter json(out);
    json.begin_object().member("used", is_used);
    if (is_used) json.member_number("forget_at", forget_at).member("expired", is_past);
    if (damaged != 0) json.member_number("damaged", damaged);
    json.end_object();
    out += "\n";
  } else if (is_used) {
    out = style_for(1).bad("used") + (is_past ? "; may be forgotten since " : "; remembered until ") +
          date_text(forget_at) + ", " + relative_text(forget_at, options.time()) + "\n";
  } else {
    out = style_for(1).good("not known") + "\n";
  }
  if (damaged != 0 && !options.as_json()) {
    out +=
        style_for(1).bad("damaged: ") + count_of(damaged, "file", "files") + "; a use may have stood in what is lost\n";
  }
  print(out);
  return is_used ? kExitOk : kExitRejected;
}

void add_output(CLI::App& command, Options& options) {
  command.add_option("--at", options.at, "The time to look from, in Unix seconds; without it, now")->type_name("TIME");
  auto* const json = command.add_flag("--json", options.json, "JSON output (the default when not on a terminal)");
  command.add_flag("--text", options.text, "Text output (the default on a terminal)")->excludes(json);
  command.add_option("DIR", options.directory, "The journal's directory: replay.durability.directory")->required();
}

}  // namespace

void add_replay(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("replay", "Look into a journal or a fleet of used tokens");
  command->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  auto* const stat = command->add_subcommand("stat", "Files, entries and sizes of a journal");
  add_output(*stat, *options);
  stat->footer("Exit codes: 0 it was read, 2 it could not be.");
  auto* const check = command->add_subcommand("check", "Whether a token has been used");
  add_output(*check, *options);
  check->add_option("--issuer", options->issuer, "The token's iss")->required()->type_name("ISS");
  check->add_option("--jti", options->jti, "The token's jti")->required()->type_name("JTI");
  check->add_option("--per", options->per, "The subject or client_id that the jti is unique for (replay.unique_per)")
      ->type_name("TEXT");
  check->footer("Exit codes: 0 used, 1 not known, 2 the journal could not be read.");
  add_replay_fleet(*command, exit_code);
  const auto note = [options](const CLI::App& used) {
    options->has_at = used.count("--at") != 0;
    options->has_per = used.get_option_no_throw("--per") != nullptr && used.count("--per") != 0;
  };
  stat->callback([=, &exit_code] {
    note(*stat);
    exit_code = run_stat(*options);
  });
  check->callback([=, &exit_code] {
    note(*check);
    exit_code = run_check(*options);
  });
}

}  // namespace simdjwt::cli
