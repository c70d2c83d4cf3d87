// The C API of libsimdjwt_fleet: what it takes, what it refuses, and what it says.
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "unit/fleet/fixture.h"

namespace simdjwt::fleet {
namespace {

constexpr std::int64_t kNow = 1800000000;
constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

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
    const std::string document = R"({"version":1,"issuers":[{"issuer":"https://as.example","typ":"JWT",)"
                                 R"("algorithms":["HS256"],"audiences":["https://api.example"],"jwks":{"keys":[)"
                                 R"({"kty":"oct","alg":"HS256","kid":"k","k":")" +
                                 b64(kSecret) + R"("}]}}])" + replay + "}";
    simdjwt_diagnostic diagnostic = SIMDJWT_DIAGNOSTIC_INIT;
    ASSERT_EQ(simdjwt_ruleset_compile(document.data(), document.size(), &ruleset_, &diagnostic), SIMDJWT_OK)
        << diagnostic.path << ": " << diagnostic.expected;
    ASSERT_EQ(simdjwt_validator_new(ruleset_, &validator_), SIMDJWT_OK);
  }
  std::string with_fleet(const std::string& node) const {
    return R"(,"replay":{"mode":"once","fleet":{"nodes":[")" + node + R"("],"key_file":")" + key() + R"("}})";
  }
  static std::string b64(std::string_view bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size =
        ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                          reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    while (out.ends_with('=')) out.pop_back();
    std::replace(out.begin(), out.end(), '+', '-');
    std::replace(out.begin(), out.end(), '/', '_');
    return out;
  }
  static std::string signed_token(const std::string& jti) {
    const std::string message = b64(R"({"alg":"HS256","typ":"JWT","kid":"k"})") + "." +
                                b64(R"({"iss":"https://as.example","aud":"https://api.example","exp":)" +
                                    std::to_string(kNow + 60) + R"(,"jti":")" + jti + "\"}");
    unsigned char mac[32];
    unsigned int size = sizeof mac;
    ::HMAC(::EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), mac, &size);
    return message + "." + b64({reinterpret_cast<const char*>(mac), size});
  }
  // What an event loop does with a token: validates, and takes the use to the fleet where it is not refused at once.
  static simdjwt_error ask(simdjwt_validator* validator, simdjwt_fleet* fleet, const std::string& token) {
    simdjwt_scratch* scratch = nullptr;
    EXPECT_EQ(simdjwt_scratch_new(validator, 0, &scratch), SIMDJWT_OK);
    simdjwt_request request = SIMDJWT_REQUEST_INIT;
    request.token = {token.data(), token.size()};
    request.now = kNow;
    request.replay = SIMDJWT_REPLAY_DEFER;
    simdjwt_verdict verdict = SIMDJWT_VERDICT_INIT;
    simdjwt_error error = simdjwt_validate(validator, scratch, &request, &verdict);
    if (error == SIMDJWT_STORE_UNCONFIRMED) {
      error = simdjwt_fleet_submit(fleet, &verdict.replay_record, 5);
      simdjwt_fleet_answer answer{};
      while (error == SIMDJWT_OK && simdjwt_fleet_answers(fleet, &answer, 1) == 0)
        std::this_thread::sleep_for(Millis(1));
      if (error == SIMDJWT_OK) error = answer.error;
    }
    simdjwt_scratch_free(scratch);
    return error;
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

// A journal that was opened first has given the store its key: what it holds is known under that one alone.
TEST_F(FleetApiTest, AKeyThatTheStoreHasIsNotReplaced) {
  compile(with_fleet("127.0.0.1:1"));
  const std::uint8_t journals[16] = {0xaa};
  ASSERT_EQ(simdjwt_replay_set_key(validator_, journals), SIMDJWT_OK);
  EXPECT_EQ(make(), SIMDJWT_FLEET_KEY);
  EXPECT_EQ(fleet_, nullptr);
  EXPECT_NE(std::string(diagnostic_.expected).find("open the fleet before the journal"), std::string::npos);
  std::uint8_t key[16] = {};
  ASSERT_EQ(simdjwt_replay_key(validator_, key, nullptr), SIMDJWT_OK);
  EXPECT_EQ(std::memcmp(key, journals, sizeof key), 0);
}

TEST_F(FleetApiTest, ASecondFleetOfAnotherKeyLeavesTheFirstAlone) {
  FakeServer server;
  compile(with_fleet("127.0.0.1:" + std::to_string(server.port())));
  ASSERT_EQ(make(), SIMDJWT_OK);
  std::uint8_t before[16] = {}, after[16] = {};
  ASSERT_EQ(simdjwt_replay_key(validator_, before, nullptr), SIMDJWT_OK);
  write_key("ffffffffffffffffffffffffffffffff\n", 0600);
  simdjwt_fleet* second = nullptr;
  EXPECT_EQ(simdjwt_fleet_new(validator_, ruleset_, &second, nullptr), SIMDJWT_FLEET_KEY);
  EXPECT_EQ(second, nullptr);
  ASSERT_EQ(simdjwt_replay_key(validator_, after, nullptr), SIMDJWT_OK);
  EXPECT_EQ(std::memcmp(before, after, sizeof before), 0);
}

// A validation that does not wait, end to end: accepted, replayed at another gateway, and refused with the use taken
// back.
TEST_F(FleetApiTest, ADeferredValidation) {
  FakeServer server;
  compile(with_fleet("127.0.0.1:" + std::to_string(server.port())));
  ASSERT_EQ(make(), SIMDJWT_OK);
  simdjwt_validator* elsewhere = nullptr;
  ASSERT_EQ(simdjwt_validator_new(ruleset_, &elsewhere), SIMDJWT_OK);
  simdjwt_fleet* others = nullptr;
  ASSERT_EQ(simdjwt_fleet_new(elsewhere, ruleset_, &others, nullptr), SIMDJWT_OK);
  const auto wait_until_up = [](const simdjwt_fleet* fleet) {
    simdjwt_fleet_health health = SIMDJWT_FLEET_HEALTH_INIT;
    while (simdjwt_fleet_health_of(fleet, &health) == SIMDJWT_OK && health.state != SIMDJWT_FLEET_UP) {
      std::this_thread::sleep_for(Millis(1));
    }
  };
  wait_until_up(fleet_);
  wait_until_up(others);
  const std::string token = signed_token("j-1");
  EXPECT_EQ(ask(validator_, fleet_, token), SIMDJWT_OK);
  EXPECT_EQ(ask(validator_, fleet_, token), SIMDJWT_TOKEN_REPLAYED);  // by its own store, which asks nobody
  EXPECT_EQ(ask(elsewhere, others, token), SIMDJWT_TOKEN_REPLAYED);
  const std::string other = signed_token("j-2");
  server.pause();
  EXPECT_EQ(ask(validator_, fleet_, other), SIMDJWT_STORE_UNAVAILABLE);
  server.resume();
  // Taken back here, and the late key is deleted there.
  simdjwt_error again = SIMDJWT_STORE_UNAVAILABLE;
  for (int i = 0; i < 1000 && again == SIMDJWT_STORE_UNAVAILABLE; ++i) again = ask(validator_, fleet_, other);
  EXPECT_EQ(again, SIMDJWT_OK);
  simdjwt_fleet_free(others);
  simdjwt_validator_free(elsewhere);
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
