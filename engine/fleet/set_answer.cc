#include "fleet/set_answer.h"

#include <charconv>
#include <string_view>

#include "fleet/key_slot.h"

namespace simdjwt::fleet {
namespace {

constexpr std::size_t kMaxPrintable = 120;

// "MOVED 3999 127.0.0.1:6381": a slot, and an address whose host may have colons or be missing.
SetAnswer read_redirection(SetAnswer::Kind kind, std::string_view rest, const std::string& asked_host) {
  SetAnswer broken;
  broken.error = SIMDJWT_FLEET_PROTOCOL;
  const std::size_t space = rest.find(' ');
  if (space == std::string_view::npos) return broken;
  SetAnswer answer;
  answer.kind = kind;
  const char* end = rest.data() + space;
  const auto [stop, error] = std::from_chars(rest.data(), end, answer.slot);
  if (error != std::errc() || stop != end || answer.slot >= kSlots) return broken;
  const std::string_view place = rest.substr(space + 1);
  const std::size_t colon = place.rfind(':');
  if (colon == std::string_view::npos) return broken;
  const std::optional<std::uint16_t> port = parse_port(place.substr(colon + 1));
  if (!port) return broken;
  Address target{std::string(place.substr(0, colon)), *port};
  if (target.host.empty()) target.host = asked_host;
  if (parse_address(target.text()) != target || target.host == "?") return broken;
  answer.target = std::move(target);
  return answer;
}

}  // namespace

simdjwt_error error_of(const Reply& reply) noexcept {
  const std::string_view text = reply.text;
  if (text.starts_with("NOAUTH") || text.starts_with("WRONGPASS") || text.starts_with("NOPERM") ||
      text.starts_with("ERR invalid password") || text.starts_with("ERR AUTH")) {
    return SIMDJWT_FLEET_AUTH;
  }
  // MASTERDOWN, LOADING, CLUSTERDOWN, NOREPLICAS, MISCONF: writes are not taken now.
  for (const char* name : {"READONLY", "MASTERDOWN", "LOADING", "CLUSTERDOWN", "NOREPLICAS", "MISCONF"}) {
    if (text.starts_with(name)) return SIMDJWT_FLEET_READ_ONLY;
  }
  return SIMDJWT_FLEET_PROTOCOL;
}

SetAnswer read_set_answer(const Reply& reply, const std::string& asked_host) {
  SetAnswer answer;
  switch (reply.kind) {
    case Reply::Kind::status:
      if (reply.text == "OK") answer.kind = SetAnswer::Kind::set;
      if (reply.text != "OK") answer.error = SIMDJWT_FLEET_PROTOCOL;
      return answer;
    case Reply::Kind::nil:
      answer.kind = SetAnswer::Kind::taken;
      return answer;
    case Reply::Kind::error: {
      const std::string_view text = reply.text;
      if (text.starts_with("MOVED ")) return read_redirection(SetAnswer::Kind::moved, text.substr(6), asked_host);
      if (text.starts_with("ASK ")) return read_redirection(SetAnswer::Kind::ask, text.substr(4), asked_host);
      answer.error = error_of(reply);
      if (text.starts_with("READONLY")) answer.kind = SetAnswer::Kind::elsewhere;
      return answer;
    }
    default:
      answer.error = SIMDJWT_FLEET_PROTOCOL;
      return answer;
  }
}

std::string_view auth_refusal(const Reply& reply) noexcept {
  for (const std::string_view word : {"WRONGPASS", "NOAUTH", "NOPERM", "LOADING", "MASTERDOWN", "DENIED"}) {
    if (std::string_view(reply.text).starts_with(word)) return word;
  }
  return "the server refuses the password";
}

std::string printable(const std::string& text) {
  std::string out = text.substr(0, kMaxPrintable);
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

}  // namespace simdjwt::fleet
