// URLs: what is one, what two readers could understand differently, and where a Location leads (RFC 3986 §5.4).
#include "fetch/url.h"

#include <gtest/gtest.h>

namespace simdjwt::fetch {
namespace {

std::string printed(std::string_view text) {
  const auto url = parse_url(text);
  return url ? print_url(*url) : "";
}

TEST(UrlTest, OneSpelling) {
  EXPECT_EQ(printed("https://as.example/jwks?x=1"), "https://as.example/jwks?x=1");
  EXPECT_EQ(printed("HTTPS://AS.Example"), "https://as.example/");
  EXPECT_EQ(printed("https://as.example:443?x"), "https://as.example/?x");
  EXPECT_EQ(printed("http://as.example:443/"), "http://as.example:443/");
  EXPECT_EQ(printed("https://[2001:DB8:0::1]:8443/"), "https://[2001:db8::1]:8443/");
  EXPECT_EQ(printed("https://10.0.0.1/%7Ea"), "https://10.0.0.1/%7Ea");
  EXPECT_EQ(printed("https://a_b.x-y.example/"), "https://a_b.x-y.example/");
}

TEST(UrlTest, Parts) {
  const auto url = parse_url("https://[::1]/a?b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->kind, Url::Host::ipv6);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/a?b");
  EXPECT_EQ(parse_url("http://10.0.0.1/")->kind, Url::Host::ipv4);
  EXPECT_EQ(parse_url("http://ten.example/")->kind, Url::Host::name);
}

TEST(UrlTest, RefusedSpellings) {
  for (const std::string text :
       {"", "https", "https:", "https:/", "https://", "https:///jwks", "as.example/jwks", "//as.example/",
        "ftp://a.example/", "file:///etc/passwd", " https://a.example/", "https://a.example/ ", "https://a.example/a b",
        "https://a.example/\r\nHost: b", "https://a.example/\x7f", "https://a.example/\xc3\xa9",
        "https://a.example\\@b.example/", "https://user@a.example/", "https://user:secret@a.example/",
        "https://a.example/#f", "https://a.example#f", "https://a.example:/", "https://a.example:0/",
        "https://a.example:0443/", "https://a.example:65536/", "https://a.example:99999999999/", "https://a.example:x/",
        "https://a.example:80:80/", "https://.example/", "https://a..example/", "https://a.example./",
        "https://-a.example/", "https://a-.example/", "https://a%2eexample/", "https://a.example/%",
        "https://a.example/%4", "https://a.example/%zz", "https://[::1/", "https://::1/", "https://[::1]x/",
        "https://[]/", "https://[fe80::1%25eth0]/", "https://[127.0.0.1]/", "https://[::1]]/",
        // Other notations of an IPv4 address, which resolvers know and readers do not.
        "https://127.1/", "https://2130706433/", "https://0x7f.0.0.1/", "https://0x7f000001/", "https://0177.0.0.1/",
        "https://127.0.0.01/", "https://256.0.0.1/", "https://1.2.3.4.5/", "https://a.0x/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
  EXPECT_FALSE(parse_url(std::string_view("https://a.example/\0", 19)));
  EXPECT_FALSE(parse_url("https://" + std::string(64, 'a') + ".example/"));
}

TEST(UrlTest, Lengths) {
  const std::string start = "https://a.example/";
  EXPECT_TRUE(parse_url(start + std::string(kMaxUrlBytes - start.size(), 'a')));
  EXPECT_FALSE(parse_url(start + std::string(kMaxUrlBytes - start.size() + 1, 'a')));
  const auto base = parse_url(start + std::string(1000, 'a') + "/b");
  ASSERT_TRUE(base);
  EXPECT_FALSE(resolve_reference(*base, std::string(1500, 'c')));
}

TEST(UrlTest, Origins) {
  const auto same = [](std::string_view a, std::string_view b) { return is_same_origin(*parse_url(a), *parse_url(b)); };
  EXPECT_TRUE(same("https://a.example/x", "https://A.EXAMPLE:443/y?z"));
  EXPECT_FALSE(same("https://a.example/", "http://a.example/"));
  EXPECT_FALSE(same("https://a.example/", "http://a.example:443/"));
  EXPECT_FALSE(same("https://a.example/", "https://a.example:8443/"));
  EXPECT_FALSE(same("https://a.example/", "https://b.a.example/"));
}

// The base of RFC 3986 §5.4 with a host of http, and those of its examples that a strict reader takes.
TEST(UrlTest, References) {
  const auto base = parse_url("http://a.example/b/c/d;p?q");
  ASSERT_TRUE(base);
  const std::pair<const char*, const char*> cases[] = {
      {"g", "/b/c/g"},      {"./g", "/b/c/g"},
      {"g/", "/b/c/g/"},    {"/g", "/g"},
      {"?y", "/b/c/d;p?y"}, {"g?y", "/b/c/g?y"},
      {"#s", "/b/c/d;p?q"}, {"g#s", "/b/c/g"},
      {";x", "/b/c/;x"},    {"", "/b/c/d;p?q"},
      {".", "/b/c/"},       {"./", "/b/c/"},
      {"..", "/b/"},        {"../", "/b/"},
      {"../g", "/b/g"},     {"../..", "/"},
      {"../../g", "/g"},    {"../../../g", "/g"},
      {"/./g", "/g"},       {"/../g", "/g"},
      {"g.", "/b/c/g."},    {"..g", "/b/c/..g"},
      {"./../g", "/b/g"},   {"g/./h", "/b/c/g/h"},
      {"g/../h", "/b/c/h"}, {"g?y/../x", "/b/c/g?y/../x"},
  };
  for (const auto& [reference, target] : cases) {
    const auto url = resolve_reference(*base, reference);
    ASSERT_TRUE(url) << reference;
    EXPECT_EQ(print_url(*url), std::string("http://a.example") + target) << reference;
  }
  EXPECT_EQ(print_url(*resolve_reference(*base, "//g.example/x")), "http://g.example/x");
  EXPECT_EQ(print_url(*resolve_reference(*base, "https://g.example#s")), "https://g.example/");
  for (const char* refused : {"g:h", "http:g", "a b", "//", "//u@g.example/", "\\g", "/%"}) {
    EXPECT_FALSE(resolve_reference(*base, refused)) << refused;
  }
}

}  // namespace
}  // namespace simdjwt::fetch
