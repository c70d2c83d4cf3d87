// What a server sends, from its bytes to what they mean: bounds hold, however the bytes are cut, and nothing that a
// server says leads to an address or a slot that could not be.
//
// The first byte says into what pieces the rest, the replies, is cut.
#include "check.h"
#include "fleet/key_slot.h"
#include "fleet/reply.h"
#include "fleet/server_facts.h"
#include "fleet/set_answer.h"

namespace {

using namespace simdjwt::fleet;

const std::string kHost = "10.0.0.1";

std::size_t depth_of(const Reply& reply) {
  std::size_t deepest = 0;
  for (const auto& part : reply.parts) deepest = std::max(deepest, 1 + depth_of(*part));
  return deepest;
}

void check_address(const Address& address) {
  FUZZ_CHECK(parse_address(address.text()) == address);
}

void check_reply(const Reply& reply) {
  FUZZ_CHECK(depth_of(reply) <= ReplyReader::kMaxDepth);
  const SetAnswer answer = read_set_answer(reply, kHost);
  const bool is_redirection = answer.kind == SetAnswer::Kind::moved || answer.kind == SetAnswer::Kind::ask;
  FUZZ_CHECK(answer.target.has_value() == is_redirection);
  if (answer.target) check_address(*answer.target);
  FUZZ_CHECK(answer.slot < kSlots || !is_redirection);
  FUZZ_CHECK((answer.kind == SetAnswer::Kind::set) == (reply.is(Reply::Kind::status) && reply.text == "OK"));
  FUZZ_CHECK((answer.kind == SetAnswer::Kind::taken) == reply.is(Reply::Kind::nil));
  FUZZ_CHECK(answer.kind != SetAnswer::Kind::refused || answer.error != SIMDJWT_OK);
  FUZZ_CHECK(printable(reply.text).size() <= 120);
  (void)read_role(reply);
  FUZZ_CHECK(evicting_policy(reply).size() <= 32);
  if (const auto slots = read_slots(reply, kHost)) {
    for (const SlotRange& range : *slots) {
      FUZZ_CHECK(range.first <= range.last && range.last < kSlots);
      check_address(range.primary);
    }
  }
}

// How many replies came; -1 when the bytes are broken.
int read_in_pieces(std::string_view bytes, std::size_t piece) {
  ReplyReader reader;
  int count = 0;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!reader.feed(bytes.substr(at, piece))) return -1;
    for (;;) {
      std::unique_ptr<Reply> reply;
      const ReplyReader::Result result = reader.next(reply);
      FUZZ_CHECK((result == ReplyReader::Result::reply) == (reply != nullptr));
      if (result == ReplyReader::Result::broken) return -1;
      if (result == ReplyReader::Result::more) break;
      check_reply(*reply);
      ++count;
    }
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = simdjwt::fuzz::text(data + 1, size - 1);
  const int whole = read_in_pieces(bytes, bytes.size() + 1);
  FUZZ_CHECK(read_in_pieces(bytes, 1 + data[0] / 2) == whole);
  if (const auto address = parse_address(bytes)) check_address(*address);
  return 0;
}
