#include "fetch/name_resolver.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace simdjwt::fetch {
namespace {

// RFC 6761 §6.3, item 3: whatever a hosts file or a name server says.
TEST(NameResolver, NamesOfTheLoopbackAreTheLoopback) {
  for (const char* name : {"localhost", "simdjwt.localhost"}) {
    const Lookup lookup = look_up_with_getaddrinfo(name);
    EXPECT_EQ(lookup.failure, "");
    ASSERT_FALSE(lookup.addresses.empty()) << name;
    EXPECT_TRUE(std::all_of(lookup.addresses.begin(), lookup.addresses.end(),
                            [](const auto& address) { return address.is_loopback(); }));
  }
}

TEST(NameResolver, ANameThatIsNoneHasNoAddressAndSaysWhy) {
  const Lookup lookup = look_up_with_getaddrinfo("no such name");
  EXPECT_TRUE(lookup.addresses.empty());
  EXPECT_NE(lookup.failure, "");
}

}  // namespace
}  // namespace simdjwt::fetch
