// The C API of libsimdjwt_fleet: what it takes, what it refuses, and what it says.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "unit/fleet/fixture.h"

namespace simdjwt::fleet {
namespace {

class FleetApiTest : public ::testing::Test {
 protected:
  FleetApiTest() {
    char name[] = "/tmp/simdjwt-fleet-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    write_key("000102030405060708090a0b0c0d0e0f\n", 0600);
  }
  ~FleetApiTest() override {
    simdjwt_fleet_free(fleet_);
    simdjwt_validator_free(validator_);
    simdjwt_ruleset_free(ruleset_);
    ::unlink(key().c_str());
    ::rmdir(folder_.c_str());
  }

  std::string key() const { return folder_ + "/key"; }
  void write_key(const std::string& text, mode_t mode) {
    std::ofstream(key(), std::ios::binary) << text;
    ::chmod(key().c_str(), mode);
  }

  void compile(const std::string& replay) {
    const std::string document = R"({"version":1,"issuers":[{"issuer":"https://as.example","profile":"access-token",)"
                                 R"("audiences":["https://api.example"]}])" +
                                 replay + "}";
    simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
    ASSERT_EQ(simdjwt_ruleset_compile(document.data(), document.size(), &ruleset_, &diagnostic), SIMDJWT_OK)
        << diagnostic.path << ": " << diagnostic.expected;
    ASSERT_EQ(simdjwt_validator_new(ruleset_, &validator_), SIMDJWT_OK);
  }
  std::string with_fleet(const std::string& node) const {
    return R"(,"replay":{"mode":"once","fleet":{"nodes":[")" + node + R"("],"key_file":")" + key() + R"("}})";
  }
  simdjwt_error make() { return simdjwt_fleet_new(validator_, ruleset_, &fleet_, &diagnostic_); }

  std::string folder_;
  simdjwt_ruleset* ruleset_ = nullptr;
  simdjwt_validator* validator_ = nullptr;
  simdjwt_fleet* fleet_ = nullptr;
  simdjwt_diagnostic diagnostic_ = SIMDJWT_DIAGNOSTIC_INIT;
};

TEST_F(FleetApiTest, RecordsOfAnEventLoop) {
  FakeServer server;
  compile(with_fleet("127.0.0.1:" + std::to_string(server.port())));
  ASSERT_EQ(make(), SIMDJWT_OK);
  const simdjwt_replay_record record = record_of(1);
  simdjwt_fleet_answer answer{};
  for (const simdjwt_error expected : {simdjwt_error{SIMDJWT_OK}, simdjwt_error{SIMDJWT_TOKEN_REPLAYED}}) {
    // Until the connection is there the short deadline of the default may pass.
    do {
      ASSERT_EQ(simdjwt_fleet_submit(fleet_, &record, 7), SIMDJWT_OK);
      while (simdjwt_fleet_answers(fleet_, &answer, 1) == 0) std::this_thread::sleep_for(Millis(1));
    } while (answer.error == SIMDJWT_STORE_UNAVAILABLE);
    EXPECT_EQ(answer.cookie, 7u);
    EXPECT_EQ(answer.error, expected);
  }
  simdjwt_fleet_health health = SIMDJWT_FLEET_HEALTH_INIT;
  ASSERT_EQ(simdjwt_fleet_health_of(fleet_, &health), SIMDJWT_OK);
  EXPECT_EQ(health.nodes, 1u);
  simdjwt_fleet_node node = SIMDJWT_FLEET_NODE_INIT;
  ASSERT_EQ(simdjwt_fleet_node_of(fleet_, 0, &node), SIMDJWT_OK);
  EXPECT_EQ(std::string(node.address), "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(node.connected, 1u);
  EXPECT_EQ(node.role, static_cast<std::uint32_t>(SIMDJWT_FLEET_ROLE_PRIMARY));
  EXPECT_EQ(simdjwt_fleet_node_of(fleet_, 1, &node), SIMDJWT_NOT_FOUND);
}

TEST_F(FleetApiTest, ARulesetWithoutAFleet) {
  compile(R"(,"replay":{"mode":"once"})");
  EXPECT_EQ(make(), SIMDJWT_NOT_FOUND);
  EXPECT_EQ(fleet_, nullptr);
}

TEST_F(FleetApiTest, AKeyFileThatOthersCanRead) {
  write_key("000102030405060708090a0b0c0d0e0f\n", 0644);
  compile(with_fleet("127.0.0.1:1"));
  EXPECT_EQ(make(), SIMDJWT_FLEET_KEY);
  EXPECT_EQ(std::string(diagnostic_.path), "replay.fleet.key_file");
}

TEST_F(FleetApiTest, AKeyFileThatHoldsNoKey) {
  write_key("not hexadecimal\n", 0600);
  compile(with_fleet("127.0.0.1:1"));
  EXPECT_EQ(make(), SIMDJWT_FLEET_KEY);
  EXPECT_EQ(std::string(diagnostic_.expected), "32 hexadecimal digits");
}

TEST_F(FleetApiTest, OneFleetAValidator) {
  compile(with_fleet("127.0.0.1:1"));
  ASSERT_EQ(make(), SIMDJWT_OK);
  simdjwt_fleet* second = nullptr;
  EXPECT_EQ(simdjwt_fleet_new(validator_, ruleset_, &second, nullptr), SIMDJWT_INVALID_ARGUMENT);
  EXPECT_EQ(second, nullptr);
}

TEST_F(FleetApiTest, Mistakes) {
  EXPECT_EQ(simdjwt_fleet_new(nullptr, nullptr, &fleet_, nullptr), SIMDJWT_INVALID_ARGUMENT);
  diagnostic_.struct_size = 1;
  EXPECT_EQ(make(), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  diagnostic_ = SIMDJWT_DIAGNOSTIC_INIT;
  compile(with_fleet("127.0.0.1:1"));
  ASSERT_EQ(make(), SIMDJWT_OK);
  simdjwt_fleet_health health{};
  EXPECT_EQ(simdjwt_fleet_health_of(fleet_, &health), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  EXPECT_EQ(simdjwt_fleet_health_of(nullptr, &health), SIMDJWT_INVALID_ARGUMENT);
  simdjwt_fleet_node node{};
  EXPECT_EQ(simdjwt_fleet_node_of(fleet_, 0, &node), SIMDJWT_STRUCT_SIZE_UNKNOWN);
  EXPECT_EQ(simdjwt_fleet_submit(fleet_, nullptr, 0), SIMDJWT_INVALID_ARGUMENT);
  EXPECT_EQ(simdjwt_fleet_answers(nullptr, nullptr, 1), 0u);
  EXPECT_EQ(simdjwt_fleet_fd(nullptr), -1);
}

TEST_F(FleetApiTest, NamesOfStates) {
  const char* const names[] = {"connecting", "up", "failing", "open", "local_only", "unknown"};
  for (std::uint32_t state = 0; state < std::size(names); ++state) {
    EXPECT_EQ(std::string(simdjwt_fleet_state_name(state)), names[state]);
  }
}

}  // namespace
}  // namespace simdjwt::fleet
