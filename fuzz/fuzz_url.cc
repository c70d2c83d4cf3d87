// URLs and addresses: what is taken is spelled one way and stays the same; a Location leads to a URL like any other.
//
// The text before the first line feed is a URL, the rest a reference to resolve against it. The first 16 bytes are an
// address too.
#include <algorithm>

#include "check.h"
#include "fetch/address_rule.h"
#include "fetch/url.h"

namespace {

using namespace simdjwt::fetch;

void check_url(const Url& url) {
  const std::string text = print_url(url);
  FUZZ_CHECK(parse_url(text) == url);
  FUZZ_CHECK(url.port != 0 && url.target.starts_with('/') && !url.host.empty());
  FUZZ_CHECK(
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\' && c != '#'; }));
  const std::string authority = print_authority(url);
  FUZZ_CHECK(authority.find_first_of("@/?") == std::string::npos);
  FUZZ_CHECK(url.kind == Url::Host::ipv6 || url.host.find_first_of(":[]") == std::string::npos);
  FUZZ_CHECK(is_same_origin(url, url));
}

void check_reference(const Url& base, std::string_view reference) {
  const auto found = resolve_reference(base, reference);
  if (!found) return;
  check_url(*found);
  // A path cannot leave the origin; only a scheme or "//" can name another.
  if (!is_same_origin(base, *found)) FUZZ_CHECK(reference.find("//") != std::string_view::npos);
  if (const auto absolute = parse_url(reference)) FUZZ_CHECK(*found == *absolute);
}

// An IPv6 address that leads to an IPv4 address is refused when that is.
void check_address(const Ipv6Bytes& bytes) {
  Ipv4Bytes inner{};
  std::copy_n(bytes.begin(), inner.size(), inner.begin());
  const bool is_private = is_private_address(inner);
  Ipv6Bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, nat64{0, 0x64, 0xff, 0x9b}, six_to_four{0x20, 0x02};
  std::copy(inner.begin(), inner.end(), mapped.begin() + 12);
  std::copy(inner.begin(), inner.end(), nat64.begin() + 12);
  std::copy(inner.begin(), inner.end(), six_to_four.begin() + 2);
  FUZZ_CHECK(is_private_address(mapped) == is_private && is_private_address(nat64) == is_private &&
             is_private_address(six_to_four) == is_private);
  // Outside of 2000::/3 only what embeds a public IPv4 address is public.
  if (bytes[0] >> 5 != 1 && !is_private_address(bytes)) {
    FUZZ_CHECK(std::equal(bytes.begin(), bytes.begin() + 12, mapped.begin()) ||
               std::equal(bytes.begin(), bytes.begin() + 12, nat64.begin()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = simdjwt::fuzz::text(data, size);
  const std::size_t end = std::min(input.find('\n'), size);
  if (const auto url = parse_url(input.substr(0, end))) {
    check_url(*url);
    check_reference(*url, input.substr(std::min(end + 1, size)));
  }
  Ipv6Bytes address{};
  if (size < address.size()) return 0;
  std::copy_n(data, address.size(), address.begin());
  check_address(address);
  return 0;
}
