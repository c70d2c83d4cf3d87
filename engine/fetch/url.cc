#include "fetch/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace simdjwt::fetch {
namespace {

constexpr std::size_t kMaxHostBytes = 253;  // RFC 1035 §2.3.4, as text
constexpr std::size_t kMaxLabelBytes = 63;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

// pchar, "/" and "?" (RFC 3986 §3.3, §3.4).
bool is_target(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_alpha(text[i]) && !is_digit(text[i]) &&
               std::string_view("-._~!$&'()*+,;=:@/?").find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// What inet_aton takes for a number: resolvers read a host that ends in one as an IPv4 address.
bool is_number(std::string_view label) {
  if (std::all_of(label.begin(), label.end(), is_digit)) return true;
  return label.size() >= 2 && label[0] == '0' && lower(label[1]) == 'x' &&
         std::all_of(label.begin() + 2, label.end(), is_hex);
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes) return false;
  for (;;) {
    const std::size_t dot = std::min(host.find('.'), host.size());
    const std::string_view label = host.substr(0, dot);
    if (label.empty() || label.size() > kMaxLabelBytes || label.front() == '-' || label.back() == '-') return false;
    // "_" is in no host name of RFC 1123, but in names that are in use.
    const auto fits = [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; };
    if (!std::all_of(label.begin(), label.end(), fits)) return false;
    if (dot == host.size()) return !is_number(label);
    host.remove_prefix(dot + 1);
  }
}

// In canonical form; empty when it is none. inet_pton takes dotted decimal only, without leading zeros.
std::string canonical_address(int family, std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return {};
  if (inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) return {};
  return inet_ntop(family, bytes.data(), out.data(), out.size()) ? std::string(out.data()) : std::string();
}

bool parse_host(std::string_view text, Url& url) {
  if (text.starts_with('[')) {
    if (!text.ends_with(']') || text.size() < 2) return false;
    url.kind = Url::Host::ipv6;
    url.host = canonical_address(AF_INET6, text.substr(1, text.size() - 2));
    return !url.host.empty();
  }
  url.host = canonical_address(AF_INET, text);
  url.kind = url.host.empty() ? Url::Host::name : Url::Host::ipv4;
  if (url.kind == Url::Host::ipv4) return true;
  url.host = lowered(text);
  return is_host_name(text);
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  if (text.empty() || text.size() > 5 || text[0] == '0' || !std::all_of(text.begin(), text.end(), is_digit))
    return false;
  std::uint32_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::uint32_t>(c - '0');
  port = static_cast<std::uint16_t>(value);
  return value <= 65535;
}

bool parse_authority(std::string_view text, Url& url) {
  url.port = url.is_https ? 443 : 80;
  const std::size_t host_end = text.starts_with('[') ? text.find(']') : 0;
  if (host_end == std::string_view::npos) return false;
  const std::size_t colon = text.find(':', host_end);
  if (colon == std::string_view::npos) return parse_host(text, url);
  return parse_host(text.substr(0, colon), url) && parse_port(text.substr(colon + 1), url.port);
}

// "//authority/path?query", after the scheme.
std::optional<Url> parse_after_scheme(bool is_https, std::string_view text) {
  Url url;
  url.is_https = is_https;
  if (!text.starts_with("//")) return std::nullopt;
  text.remove_prefix(2);
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  if (!parse_authority(text.substr(0, end), url) || !is_target(text.substr(end))) return std::nullopt;
  if (end == text.size() || text[end] == '?') url.target = "/";
  url.target += text.substr(end);
  return url;
}

bool has_scheme(std::string_view text) {
  const std::size_t end = text.find_first_of(":/?");
  return end != std::string_view::npos && text[end] == ':';
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

// RFC 3986 §5.2.4, of a path that begins with "/".
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
      if (path.empty()) out += '/';
    } else {
      out += segment;
    }
  }
  return out;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return std::nullopt;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string scheme = lowered(text.substr(0, colon));
  if (scheme != "https" && scheme != "http") return std::nullopt;
  return parse_after_scheme(scheme == "https", text.substr(colon + 1));
}

std::string print_authority(const Url& url) {
  std::string out = url.kind == Url::Host::ipv6 ? "[" + url.host + "]" : url.host;
  if (url.port != (url.is_https ? 443 : 80)) out += ":" + std::to_string(url.port);
  return out;
}

std::string print_url(const Url& url) {
  return (url.is_https ? "https://" : "http://") + print_authority(url) + url.target;
}

bool is_same_origin(const Url& a, const Url& b) {
  return a.is_https == b.is_https && a.host == b.host && a.kind == b.kind && a.port == b.port;
}

std::optional<Url> resolve_reference(const Url& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  if (reference.size() > kMaxUrlBytes) return std::nullopt;
  if (reference.starts_with("//")) return parse_after_scheme(base.is_https, reference);
  if (has_scheme(reference)) return parse_url(reference);
  if (!is_target(reference)) return std::nullopt;
  const std::string_view path = path_of(reference), base_path = path_of(base.target);
  Url url = base;
  if (path.empty()) {
    url.target = reference.empty() ? base.target : std::string(base_path) + std::string(reference);
  } else {
    const std::string_view folder = base_path.substr(0, base_path.rfind('/') + 1);
    url.target = remove_dot_segments(path[0] == '/' ? std::string(path) : std::string(folder) + std::string(path));
    url.target += reference.substr(path.size());
  }
  if (print_url(url).size() > kMaxUrlBytes) return std::nullopt;
  return url;
}

}  // namespace simdjwt::fetch
