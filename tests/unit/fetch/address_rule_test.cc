// The address rule: first and last of every refused range, and their neighbours.
#include "fetch/address_rule.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace simdjwt::fetch {
namespace {

bool is_private(const char* text) {
  Ipv4Bytes ipv4{};
  Ipv6Bytes ipv6{};
  if (inet_pton(AF_INET, text, ipv4.data()) == 1) return is_private_address(ipv4);
  EXPECT_EQ(inet_pton(AF_INET6, text, ipv6.data()), 1) << text;
  return is_private_address(ipv6);
}

TEST(AddressRuleTest, RefusedIpv4) {
  for (const char* text :
       {"0.0.0.0",    "0.255.255.255",   "10.0.0.0",     "10.255.255.255",  "100.64.0.0",  "100.127.255.255",
        "127.0.0.1",  "127.255.255.255", "169.254.0.0",  "169.254.169.254", "172.16.0.0",  "172.31.255.255",
        "192.0.0.0",  "192.0.0.255",     "192.0.2.1",    "192.88.99.1",     "192.168.0.0", "192.168.255.255",
        "198.18.0.0", "198.19.255.255",  "198.51.100.7", "203.0.113.7",     "224.0.0.0",   "239.255.255.255",
        "240.0.0.0",  "255.255.255.255"}) {
    EXPECT_TRUE(is_private(text)) << text;
  }
}

TEST(AddressRuleTest, PublicIpv4) {
  for (const char* text :
       {"1.0.0.0",         "8.8.8.8",       "9.255.255.255",   "11.0.0.0",       "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0",     "169.253.255.255", "169.255.0.0",    "172.15.255.255", "172.32.0.0",
        "192.0.1.0",       "192.0.3.0",     "192.167.255.255", "192.169.0.0",    "198.17.255.255", "198.20.0.0",
        "198.51.101.0",    "203.0.112.255", "203.0.114.0",     "223.255.255.255"}) {
    EXPECT_FALSE(is_private(text)) << text;
  }
}

TEST(AddressRuleTest, RefusedIpv6) {
  for (const char* text : {"::",
                           "::1",
                           "::10.0.0.1",
                           "::8.8.8.8",
                           "::ffff:127.0.0.1",
                           "::ffff:169.254.169.254",
                           "::ffff:0:8.8.8.8",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b::127.0.0.1",
                           "64:ff9b:1::8.8.8.8",
                           "100::1",
                           "2001::1",
                           "2001:0:808:808::1",
                           "2001:2::1",
                           "2001:10::1",
                           "2001:20::1",
                           "2001:1ff:ffff::1",
                           "2001:db8::1",
                           "2001:db8:ffff::1",
                           "2002:a00:1::1",
                           "2002:7f00:1::",
                           "2002:a9fe:a9fe::",
                           "3fff::1",
                           "3fff:fff::1",
                           "4000::1",
                           "5f00::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "1fff::1"}) {
    EXPECT_TRUE(is_private(text)) << text;
  }
}

TEST(AddressRuleTest, PublicIpv6) {
  for (const char* text :
       {"2000::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7::1", "2001:db9::1", "2606:4700::1111", "3ffe::1",
        "3fff:1000::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
    EXPECT_FALSE(is_private(text)) << text;
  }
}

TEST(AddressRuleTest, LoopbackNames) {
  EXPECT_TRUE(is_loopback_name("localhost"));
  EXPECT_TRUE(is_loopback_name("app.localhost"));
  EXPECT_FALSE(is_loopback_name("notlocalhost"));
  EXPECT_FALSE(is_loopback_name("localhost.example"));
}

}  // namespace
}  // namespace simdjwt::fetch
