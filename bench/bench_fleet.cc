// Records confirmed by a fleet of one server on the loopback: so many in flight at a time, as one call of one thread
// and as calls of many threads; next to the floor, SET NX pipelined by hiredis alone, with as many in a round trip.
//
// bench_fleet [--quick]      starts redis-server or valkey-server on a port of its own; without one it says so and is
// done
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fleet/command.h"
#include "fleet/fleet.h"

extern char** environ;

namespace simdjwt::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "bench_fleet: %s\n", what);
  std::exit(1);
}

std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (probe < 0 || ::bind(probe, any, size) != 0 || ::getsockname(probe, any, &size) != 0) die("no port");
  ::close(probe);
  return ntohs(address.sin_port);
}

struct FreeContext {
  void operator()(redisContext* context) const noexcept { redisFree(context); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;

class Server {
 public:
  Server() {
    const std::string port = std::to_string(port_);
    for (const char* program : {"redis-server", "valkey-server"}) {
      const char* const arguments[] = {program,  "--port", port.c_str(), "--bind",    "127.0.0.1",
                                       "--save", "",       "--logfile",  "/dev/null", nullptr};
      if (::posix_spawnp(&pid_, program, nullptr, nullptr, const_cast<char**>(arguments), environ) == 0) return;
    }
    pid_ = -1;
  }
  ~Server() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  bool is_there() const { return pid_ > 0; }
  std::uint16_t port() const { return port_; }
  Context connect() const {
    for (int i = 0; i < 500; ++i) {
      Context context(redisConnect("127.0.0.1", port_));
      if (context && context->err == 0) return context;
      std::this_thread::sleep_for(milliseconds(10));
    }
    die("the server does not answer");
  }

 private:
  const std::uint16_t port_ = free_port();
  pid_t pid_ = -1;
};

std::atomic<std::uint64_t> next_record{1};

simdjwt_replay_record new_record() {
  simdjwt_replay_record record{};
  const std::uint64_t number = next_record.fetch_add(1, std::memory_order_relaxed);
  std::memcpy(record.fingerprint, &number, sizeof number);
  record.forget_at = 4000000000;
  return record;
}

struct Rate {
  double per_second = 0;
  double microseconds = 0;  // of one round, in which so many are confirmed as are in flight
};

// Calls `round` for so long; `flight` records each time.
template <typename Round>
Rate repeat(milliseconds how_long, unsigned flight, Round round) {
  const auto begun = Clock::now();
  std::uint64_t rounds = 0;
  Clock::duration took{};
  for (; took < how_long; took = Clock::now() - begun, ++rounds) round();
  const double seconds = std::chrono::duration<double>(took).count();
  return {static_cast<double>(rounds * flight) / seconds, seconds * 1e6 / static_cast<double>(rounds)};
}

Rate floor(const Server& server, unsigned flight, milliseconds how_long) {
  const Context context = server.connect();
  return repeat(how_long, flight, [&] {
    std::string commands;
    for (unsigned i = 0; i < flight; ++i) fleet::append_set(commands, new_record(), 1);
    redisAppendFormattedCommand(context.get(), commands.data(), commands.size());
    for (unsigned i = 0; i < flight; ++i) {
      void* reply = nullptr;
      if (redisGetReply(context.get(), &reply) != REDIS_OK) die("no answer");
      freeReplyObject(reply);
    }
  });
}

Rate batch(fleet::Fleet& fleet, unsigned flight, milliseconds how_long) {
  std::vector<simdjwt_replay_record> records(flight);
  std::vector<simdjwt_error> errors(flight);
  return repeat(how_long, flight, [&] {
    for (simdjwt_replay_record& record : records) record = new_record();
    fleet.commit(records.data(), flight, errors.data());
    for (const simdjwt_error error : errors) {
      if (error != SIMDJWT_OK) die("not confirmed");
    }
  });
}

Rate threads(fleet::Fleet& fleet, unsigned flight, milliseconds how_long) {
  std::vector<Rate> rates(flight);
  std::vector<std::thread> running;
  for (Rate& rate : rates) running.emplace_back([&] { rate = batch(fleet, 1, how_long); });
  for (std::thread& thread : running) thread.join();
  Rate all;
  for (const Rate& rate : rates) {
    all.per_second += rate.per_second;
    all.microseconds += rate.microseconds / flight;
  }
  return all;
}

void print(const char* what, unsigned flight, const Rate& rate, double per_trip) {
  std::printf("| %-29s | %9u | %9.0f | %9.1f | ", what, flight, rate.per_second, rate.microseconds);
  std::printf(per_trip > 0 ? "%9.1f |\n" : "          |\n", per_trip);
}

int run(bool is_quick) {
  const Server server;
  if (!server.is_there()) {
    std::puts("skipped: neither redis-server nor valkey-server is installed");
    return 0;
  }
  (void)server.connect();
  const milliseconds how_long(is_quick ? 50 : 2000);
  fleet::Settings settings;
  settings.nodes.push_back({"127.0.0.1", server.port()});
  settings.deadline = milliseconds(5000);
  fleet::Fleet fleet(std::move(settings), fleet::Fleet::Parts{[](const simdjwt_replay_record&) {}, [] { return 0.5; }});
  std::puts("| records                       | in flight |       1/s | µs a call | in a trip |");
  std::puts("| ----------------------------- | --------- | --------- | --------- | --------- |");
  for (const unsigned flight : {1u, 8u, 64u}) {
    print("SET NX by hiredis, pipelined", flight, floor(server, flight, how_long), flight);
    for (const bool is_batch : {true, false}) {
      simdjwt_fleet_health before = SIMDJWT_FLEET_HEALTH_INIT, after = SIMDJWT_FLEET_HEALTH_INIT;
      fleet.board().read(Clock::now(), before);
      const Rate rate = is_batch ? batch(fleet, flight, how_long) : threads(fleet, flight, how_long);
      fleet.board().read(Clock::now(), after);
      const auto trips = static_cast<double>(after.round_trips - before.round_trips);
      print(is_batch ? "fleet, one call of one thread" : "fleet, calls of threads", flight, rate,
            static_cast<double>(after.checks - before.checks) / trips);
    }
  }
  return 0;
}

}  // namespace
}  // namespace simdjwt::bench

int main(int argc, char** argv) {
  return simdjwt::bench::run(argc > 1 && std::strcmp(argv[1], "--quick") == 0);
}
