#include "fleet/reply.h"

#include <hiredis/hiredis.h>

#include <new>

namespace simdjwt::fleet {
namespace {

// Called from C: nothing may be thrown, and nullptr ends the reading.
Reply* attach(const redisReadTask* task, Reply::Kind kind, std::size_t bytes, std::string_view text,
              long long integer) noexcept {
  std::size_t& spent = *static_cast<std::size_t*>(task->privdata);
  spent += sizeof(Reply) + bytes;
  if (spent > ReplyReader::kMaxBytes) return nullptr;
  int depth = 0;
  for (const redisReadTask* above = task->parent; above != nullptr; above = above->parent) ++depth;
  if (depth > ReplyReader::kMaxDepth) return nullptr;
  try {
    auto reply = std::make_unique<Reply>();
    reply->kind = kind;
    reply->integer = integer;
    reply->text = text;
    if (task->parent == nullptr) return reply.release();
    // Parts come in their order. Room is made as they come, not as their number was announced.
    auto& parts = static_cast<Reply*>(task->parent->obj)->parts;
    parts.push_back(std::move(reply));
    return parts.back().get();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

// hiredis 1.0 reads kinds that a server may only send after HELLO 3, which nobody says here: they are refused, as hiredis
// 0.14 does by itself.
void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  switch (task->type) {
    case REDIS_REPLY_STRING:
      return attach(task, Reply::Kind::text, size, {text, size}, 0);
    case REDIS_REPLY_STATUS:
      return attach(task, Reply::Kind::status, size, {text, size}, 0);
    case REDIS_REPLY_ERROR:
      return attach(task, Reply::Kind::error, size, {text, size}, 0);
    default:
      return nullptr;
  }
}

// The number of elements is an int to hiredis 0.14, and a size_t to 1.0.
template <typename Count>
void* create_array(const redisReadTask* task, Count) {
  return task->type == REDIS_REPLY_ARRAY ? attach(task, Reply::Kind::array, 0, {}, 0) : nullptr;
}

void* create_integer(const redisReadTask* task, long long value) {
  return attach(task, Reply::Kind::integer, 0, {}, value);
}

void* create_nil(const redisReadTask* task) {
  return attach(task, Reply::Kind::nil, 0, {}, 0);
}

void free_object(void* reply) {
  delete static_cast<Reply*>(reply);
}

template <typename Functions>
void refuse_resp3(Functions& functions) {
  if constexpr (requires { functions.createDouble; }) {
    functions.createDouble = [](const redisReadTask*, double, char*, std::size_t) -> void* { return nullptr; };
    functions.createBool = [](const redisReadTask*, int) -> void* { return nullptr; };
  }
}

redisReplyObjectFunctions* functions() {
  static redisReplyObjectFunctions all = [] {
    redisReplyObjectFunctions made{};
    made.createString = &create_string;
    made.createArray = &create_array;
    made.createInteger = &create_integer;
    made.createNil = &create_nil;
    made.freeObject = &free_object;
    refuse_resp3(made);
    return made;
  }();
  return &all;
}

}  // namespace

ReplyReader::ReplyReader() : reader_(redisReaderCreateWithFunctions(functions())) {
  if (reader_ == nullptr) throw std::bad_alloc();
  reader_->privdata = &spent_;
}

ReplyReader::~ReplyReader() {
  redisReaderFree(reader_);
}

bool ReplyReader::feed(std::string_view bytes) noexcept {
  if (is_broken_) return false;
  is_broken_ = reader_->len - reader_->pos + bytes.size() > kMaxBytes ||
               redisReaderFeed(reader_, bytes.data(), bytes.size()) != REDIS_OK;
  return !is_broken_;
}

ReplyReader::Result ReplyReader::next(std::unique_ptr<Reply>& reply) noexcept {
  if (is_broken_) return Result::broken;
  void* found = nullptr;
  if (redisReaderGetReply(reader_, &found) != REDIS_OK) {
    is_broken_ = true;
    return Result::broken;
  }
  if (found == nullptr) return Result::more;
  spent_ = 0;
  reply.reset(static_cast<Reply*>(found));
  return Result::reply;
}

}  // namespace simdjwt::fleet
