// The commands that are sent, each appended to a buffer as hiredis writes it.
//
// Ownership: the caller's buffer. Thread-safety: pure functions. Cost: one allocation by hiredis each; throws
// std::bad_alloc.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "simdjwt/simdjwt.h"

namespace simdjwt::fleet {

void append_command(std::string& out, std::initializer_list<std::string_view> words);

// "sj:" and the fingerprint in hexadecimal.
std::string key_of(const simdjwt_replay_record& record);

// SET key attempt NX EXAT time: the key lives as long as the use is to be remembered, by the clock of the server; the
// policy's grace_s is for clocks that differ. `attempt` tells this try from every other, of any process.
void append_set(std::string& out, const simdjwt_replay_record& record, std::uint64_t attempt);

// Deletes the key if it holds this attempt still, in one step of the server.
void append_release(std::string& out, const simdjwt_replay_record& record, std::uint64_t attempt);

void append_wait(std::string& out, std::uint32_t replicas, std::int64_t milliseconds);

}  // namespace simdjwt::fleet
