#include "validator/lane.h"

#include "base/wipe.h"
#include "codec/base64url.h"

namespace simdjwt {
namespace {

JsonLimits json_limits(const Limits& limits) {
  return {.max_bytes = static_cast<std::uint32_t>(base64url_decoded_size(limits.max_token_bytes)),
          .max_depth = kMaxJsonDepth,
          .max_nodes = limits.max_json_nodes};
}

std::unique_ptr<std::uint8_t[]> make_buffer(const Limits& limits) {
  return std::make_unique_for_overwrite<std::uint8_t[]>(base64url_decoded_size(limits.max_token_bytes) +
                                                        JsonReader::kPadding);
}

}  // namespace

Lane::Lane(const Limits& limits)
    : header_bytes(make_buffer(limits)),
      payload_bytes(make_buffer(limits)),
      signature_bytes(make_buffer(limits)),
      header_reader(json_limits(limits)),
      payload_reader(json_limits(limits)) {}

bool Lane::read_claims() noexcept {
  if (!unread) return true;
  const std::string_view payload(reinterpret_cast<const char*>(payload_bytes.get()), payload_size);
  unread = payload_reader.read(payload).error != Error::ok;
  return !unread;
}

std::string_view Lane::keep(std::string_view text) noexcept {
  if (text.data() == nullptr) return text;
  const std::size_t size = std::min(text.size(), kept_.size() - kept_size_);
  char* const copy = kept_.data() + kept_size_;
  std::copy_n(text.data(), size, copy);
  kept_size_ += size;
  return {copy, size};
}

Lane::~Lane() {
  const std::size_t size = base64url_decoded_size(used_);
  for (const auto* buffer : {&header_bytes, &payload_bytes, &signature_bytes}) wipe(buffer->get(), size);
}

}  // namespace simdjwt
